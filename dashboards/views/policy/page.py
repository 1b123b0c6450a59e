"""Policy changes: which version was in force when, and who was notified before it took effect?

Here: the page. Not here: one version in full (version_drawer.py, `?version=`), consents under a version (the consent page).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboards import layout, markdown
from dashboards.charts import theme, versions
from dashboards.charts.versions import VersionInterval
from dashboards.components import export, figure_cards, tables
from dashboards.components.figure_cards import Verdict
from dashboards.components.sections import Card, cards, guarded, nothing, pair, section
from dashboards.components.tables import Column
from dashboards.data import control_results, metrics
from dashboards.data import policy as data
from dashboards.page import Page
from dashboards.views.policy import version_drawer
from promisekept.presentation import formats, statuses

_SENTENCE = "Versions of the policy, by the day on which they took effect or were published"
_CODES = ("policy_change_notice_coverage", "policy_date_mismatch_count")
_LANES = 8
_MATCHES = {True: "= matches", False: "≠ differs"}


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Policy changes")
    found = data.versions(page.ref) if control_results.holds(page.ref, "fct_policy_versions") else []
    if tables.alone(version_drawer.drawer_of_address, page, found):
        return
    layout.header(page, "Policy changes", _SENTENCE)
    if not found:
        nothing(
            "No version of the policy has been landed",
            "0 versions are known, so no consent can be shown to rest on one. Add a source of log `policies` to promisekept.yml.",
        )
        return
    targets = control_results.verdicts(page.ref, _CODES, page.period)
    _figures(page, found, targets)
    goal = figure_cards.target_of(targets.get("policy_change_notice_coverage"))
    pair(lambda: _timeline(page, found), lambda: _notified(found, goal))
    _table(page, found, goal)
    version_drawer.drawer_of_address(page, found)


@guarded
def _figures(page: Page, found: list[dict[str, Any]], targets: Mapping[str, Verdict]) -> None:
    got, where = metrics.figures(page.ref, _CODES, page.period), figure_cards.during(page.period)
    standing = [row for row in found if row["in_force"]]
    coming = [row for row in found if not row["in_force"] and row["superseded_at"] is None]
    version_count = formats.count(len(found))
    names = ", ".join(markdown.plain(row["policy_version"]) for row in standing[:2])
    mismatch = got["policy_date_mismatch_count"]
    cards(
        [
            figure_cards.of_figure(
                "Notified before effect",
                got["policy_change_notice_coverage"],
                targets.get("policy_change_notice_coverage"),
                "persons",
                where=where,
                nothing=f"0 of {version_count} versions with a material change took effect {where}",
                help="Of all persons concerned by material changes: notified strictly before the version took effect.",
            ),
            figure_cards.of_figure(
                "Wrong printed date",
                mismatch,
                targets.get("policy_date_mismatch_count"),
                f"of {formats.days(int(mismatch.units or 0), of='version')} published",
                where=where,
                nothing=f"0 of {version_count} versions were published {where}",
                help="Versions whose printed date is not the local date of their publication.",
            ),
            Card(
                "In force now",
                names or formats.NULL,
                (
                    f"of {version_count} versions · since {formats.day(standing[0]['effective_date'])}"
                    if len(standing) == 1
                    else f"{len(standing)} of {version_count} versions at once"
                    if standing
                    else f"0 of {version_count} versions are in force"
                ),
                badge="" if len(standing) == 1 else ":yellow-badge[:material/warning: Not one]",
            ),
            Card(
                "To come",
                formats.count(len(coming)),
                f"of {version_count} versions, published and not in effect"
                + (f" · next on {formats.day(coming[-1]['effective_date'])}" if coming and coming[-1]["effective_date"] else ""),
            ),
        ]
    )
    figure_cards.doubts(got, targets, metrics.names(page.ref))


def state(row: dict[str, Any], goal: float | None) -> str:
    """A code of statuses.NOTICES: was everybody concerned notified before the version took effect?"""
    if not row["material"]:
        return "minor"
    share = row["coverage_before_effective"]
    if share is None:
        return "unknown"
    if share >= (goal if goal is not None else 1.0) - 1e-12:
        return "met"
    return "missed" if row["in_force"] or row["superseded_at"] is not None else "open"


def before(row: dict[str, Any]) -> str:
    """`2,110 of 8,640 notified before effect · 24.4%`, or why there is no share."""
    if row["coverage_before_effective"] is None:
        return "not material: nobody had to be notified" if row["material"] is False else "no audience stated"
    persons = formats.out_of(row["notified_before_effective_count"], row["audience_size"])
    return f"{persons} notified before effect · {formats.rate(row['coverage_before_effective'])}"


@guarded
def _timeline(page: Page, found: list[dict[str, Any]]) -> None:
    zone = page.snapshot.zone

    def local(at: datetime | None) -> Any:
        return None if at is None else formats.local(at, zone).date()

    spans = [
        VersionInterval(
            row["policy_version"],
            row["published_date"],
            row["effective_date"],
            local(row["superseded_at"]) or (page.today if row["in_force"] else row["effective_date"]),
            local(row["change_notified_at"]),
            row["in_force"],
            before(row),
        )
        for row in found
        if row["published_date"] or row["effective_date"]
    ][:_LANES]
    more = f"; the {len(spans)} newest of {len(found)}" if len(spans) < len(found) else ""
    with section("Versions", f"From publication to the end of each version; a diamond at the first notification{more}"):
        if not spans:
            nothing("No version has a date", f"0 of {len(found)} versions were published or took effect.")
            return
        theme.show(
            versions.timeline(spans, page.today),
            spoken="; ".join(f"{span.name}, in effect from {formats.day(span.effective)}, {span.words}" for span in spans),
            height=theme.height(len(spans), 0, 4),
        )


@guarded
def _notified(found: list[dict[str, Any]], goal: tuple[str, float] | None) -> None:
    parts = [
        (
            row["policy_version"],
            row["notified_before_effective_count"],
            min(row["notified_count"], row["audience_size"]) - row["notified_before_effective_count"],
            row["audience_size"],
        )
        for row in found
        if row["material"] and row["audience_size"]
    ]
    shown = parts[:_LANES]
    with section("Who was notified, and when", "Share of the persons concerned by each material version"):
        if not parts:
            nothing("No material version has an audience", f"0 of {len(found)} versions.")
            return
        numbers = [
            {
                "Version": name,
                "Notified before effect": in_time,
                "Notified late": after,
                "Not notified": audience - in_time - after,
                "Audience": audience,
                "Share before": formats.rate(in_time / audience, goal[1] if goal else None),
            }
            for name, in_time, after, audience in parts
        ]
        theme.show(versions.notified(shown, goal), numbers, "by version", height=theme.height(len(shown), 0, 4))


@guarded
def _table(page: Page, found: list[dict[str, Any]], goal: tuple[str, float] | None) -> None:
    columns = _columns(goal[1] if goal else None, page.snapshot.zone)

    def control() -> None:
        export.control("versions of the policy", columns, lambda: found, number=len(found), of=len(found))

    note = f"{formats.days(len(found), of='version')}, the newest first. Select a row for its history"
    with section("All versions", note, control):
        rows = found[slice(*tables.rows_from_to("page", len(found)))]
        tables.listed(
            "versions",
            columns,
            rows,
            page.snapshot.zone,
            alt="Versions of the policy, newest first",
            opens=lambda row: tables.opened("version", row["policy_version"]),
        )
        tables.pager("page", len(found), len(rows))


def _until(row: dict[str, Any], zone: str) -> str:
    return "in force" if row["in_force"] else formats.local_day(row["superseded_at"], zone)


def _columns(goal: float | None, zone: str) -> tuple[Column, ...]:
    return (
        Column("Notice", lambda row: statuses.NOTICES[state(row, goal)], 152),
        Column("Version", "policy_version", 92),
        Column("Published", "published_at", 100, lambda row: formats.day(row["published_date"])),
        Column("In effect", "effective_at", 100, lambda row: formats.day(row["effective_date"])),
        Column("Until", "superseded_at", 100, lambda row: _until(row, zone)),
        Column(
            "Notified before effect",
            "notified_before_effective_count",
            142,
            lambda row: formats.out_of(row["notified_before_effective_count"], row["audience_size"]),
            "right",
        ),
        Column("Audience", "audience_size", only="file"),
        Column("Share", lambda row: formats.rate(row["coverage_before_effective"], goal), 76, None, "right", "page"),
        Column("Printed date", "last_updated_shown", 100, lambda row: _MATCHES.get(row["last_updated_matches"], formats.NULL)),
        Column("Source", "source", 100),
        Column("Batch · row", tables.landed, 90),
    )


if __name__ == "__main__":
    main()
