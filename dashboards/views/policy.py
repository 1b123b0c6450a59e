"""Policy changes: which version was in force when, and who was told before it took effect?

Here: the page. Not here: one version in full (version.py, `?version=`), consents under a version (the consent page).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from dashboards import export, frame, notation, parameters, words
from dashboards.charts import look, versions
from dashboards.charts.versions import Span
from dashboards.data import judged, metrics
from dashboards.data import policy as data
from dashboards.figures import Card, cards, guarded, nothing, pair, section
from dashboards.page import Page
from dashboards.views import lists, measured, version
from dashboards.views.measured import Verdict

_SENTENCE = "Versions of the policy, by the day on which they took effect or were published"
_CODES = ("policy_change_notice_coverage", "policy_date_mismatch_count")
_LANES = 8


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Policy changes")
    frame.header(page, "Policy changes", _SENTENCE)
    found = data.versions(page.ref) if judged.holds(page.ref, "fct_policy_versions") else []
    if not found:
        nothing(
            "No version of the policy has been landed",
            "0 versions are known, so no consent can be shown to rest on one. Add a source of log `policies` to promisekept.yml.",
        )
        return
    targets = judged.verdicts(page.ref, _CODES, page.period)
    _figures(page, found, targets)
    goal = measured.target_of(targets.get("policy_change_notice_coverage"))
    with pair() as (left, right):
        with left:
            _timeline(page, found)
        with right:
            _told(found, goal)
    _table(page, found, goal)
    version.drawer_if_asked(page, found)


@guarded
def _figures(page: Page, found: list[dict[str, Any]], targets: dict[str, Verdict]) -> None:
    got, where = metrics.figures(page.ref, _CODES, page.period), measured.during(page.period)
    standing = [row for row in found if row["in_force"]]
    coming = [row for row in found if not row["in_force"] and row["superseded_at"] is None]
    known = notation.count(len(found))
    names = ", ".join(notation.plain(row["policy_version"]) for row in standing[:2])
    mismatch = got["policy_date_mismatch_count"]
    cards(
        [
            measured.of_figure(
                "Told before effect",
                got["policy_change_notice_coverage"],
                targets.get("policy_change_notice_coverage"),
                "persons",
                where=where,
                nothing=f"0 of {known} versions with a material change took effect {where}",
                help="Of all persons concerned by material changes: told strictly before the version took effect.",
            ),
            measured.of_figure(
                "Wrong printed date",
                mismatch,
                targets.get("policy_date_mismatch_count"),
                f"of {notation.days(int(mismatch.units or 0), of='version')} published",
                where=where,
                nothing=f"0 of {known} versions were published {where}",
                help="Versions whose printed date is not the local date of their publication.",
            ),
            Card(
                "In force now",
                names or notation.NULL,
                (
                    f"of {known} versions · since {notation.day(standing[0]['effective_date'])}"
                    if len(standing) == 1
                    else f"{len(standing)} of {known} versions at once"
                    if standing
                    else f"0 of {known} versions are in force"
                ),
                badge="" if len(standing) == 1 else ":yellow-badge[:material/warning: Not one]",
            ),
            Card(
                "To come",
                notation.count(len(coming)),
                f"of {known} versions, published and not in effect"
                + (f" · next on {notation.day(coming[-1]['effective_date'])}" if coming and coming[-1]["effective_date"] else ""),
            ),
        ]
    )
    measured.doubts(got, targets, metrics.names(page.ref))


def state(row: dict[str, Any], goal: float | None) -> str:
    """A code of words.NOTICES: was everybody concerned told before the version took effect?"""
    if not row["material"]:
        return "minor"
    share = row["coverage_before_effective"]
    if share is None:
        return "unknown"
    if share >= (goal if goal is not None else 1.0) - 1e-12:
        return "met"
    return "missed" if row["in_force"] or row["superseded_at"] is not None else "open"


def before(row: dict[str, Any]) -> str:
    """`2,110 of 8,640 told before effect · 24.4%`, or why there is no share."""
    if row["coverage_before_effective"] is None:
        return "not material: nobody had to be told" if row["material"] is False else "no audience stated"
    said = notation.out_of(row["notified_before_effective_count"], row["audience_size"])
    return f"{said} told before effect · {notation.rate(row['coverage_before_effective'])}"


@guarded
def _timeline(page: Page, found: list[dict[str, Any]]) -> None:
    zone = page.snapshot.zone

    def local(at: datetime | None) -> Any:
        return None if at is None else notation.local(at, zone).date()

    spans = [
        Span(
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
    with section("Versions", f"From publication to the end of each version; a diamond where people were first told{more}"):
        if not spans:
            nothing("No version has a date", f"0 of {len(found)} versions were published or took effect.")
            return
        look.show(
            versions.timeline(spans, page.today),
            alternative="Versions of the policy: "
            + "; ".join(f"{span.name}, in effect from {notation.day(span.effective)}, {span.words}" for span in spans)
            + ".",
            height=look.HIGH if len(spans) > 4 else look.MIDDLE,
        )


@guarded
def _told(found: list[dict[str, Any]], goal: tuple[str, float] | None) -> None:
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
    with section("Who was told, and when", "Share of the persons concerned by each material version; told before effect of all"):
        if not parts:
            nothing("No material version has an audience", f"0 of {len(found)} versions.")
            return
        numbers = [
            {
                "Version": name,
                "Told before effect": told_before,
                "Told after": after,
                "Not told": audience - told_before - after,
                "Audience": audience,
                "Share before": notation.rate(told_before / audience, goal[1] if goal else None),
            }
            for name, told_before, after, audience in parts
        ]
        look.show(
            versions.told(shown, goal),
            alternative="Told before effect: "
            + "; ".join(f"{name} {notation.out_of(told_before, audience)}" for name, told_before, _, audience in parts),
            numbers=numbers,
            name="by version",
            height=look.HIGH if len(shown) > 4 else look.MIDDLE,
        )


@guarded
def _table(page: Page, found: list[dict[str, Any]], goal: tuple[str, float] | None) -> None:
    known = list(words.NOTICES.values())
    column = st.column_config
    zone = page.snapshot.zone

    def control() -> None:
        export.control(
            "versions of the policy",
            lambda: [
                {
                    "Notice": words.NOTICES[state(row, goal[1] if goal else None)].text,
                    "Version": row["policy_version"],
                    "Published": row["published_at"],
                    "In effect": row["effective_at"],
                    "Until": row["superseded_at"],
                    "Told before effect": row["notified_before_effective_count"],
                    "Audience": row["audience_size"],
                    "Printed date": row["last_updated_shown"],
                    "Source": row["source"],
                    "Batch · row": lists.landed(row),
                }
                for row in found
            ],
            number=len(found),
            of=len(found),
        )

    told = f"{notation.days(len(found), of='version')}, the newest first. Select a row for its history"
    with section("All versions", told, control):
        rows = found[slice(*lists.rows_from_to("page", len(found)))]
        lists.table(
            "versions",
            [
                {
                    "Notice": [words.NOTICES[state(row, goal[1] if goal else None)].cell],
                    "Version": row["policy_version"],
                    "Published": notation.day(row["published_date"]),
                    "In effect": notation.day(row["effective_date"]),
                    "Until": "in force"
                    if row["in_force"]
                    else notation.day(notation.local(row["superseded_at"], zone).date())
                    if row["superseded_at"]
                    else notation.NULL,
                    "Told before effect": notation.out_of(row["notified_before_effective_count"], row["audience_size"]),
                    "Share": notation.rate(row["coverage_before_effective"], goal[1] if goal else None),
                    "Printed date": {True: "= matches", False: "≠ differs"}.get(row["last_updated_matches"], notation.NULL),
                    "Source": row["source"],
                    "Batch · row": lists.landed(row),
                }
                for row in rows
            ],
            alt="Versions of the policy, newest first",
            columns={
                "Notice": column.MultiselectColumn(
                    width=152, options=[word.cell for word in known], color=[word.colour for word in known]
                ),
                "Version": column.TextColumn(width=92),
                "Published": column.TextColumn(width=100),
                "In effect": column.TextColumn(width=100),
                "Until": column.TextColumn(width=100),
                "Told before effect": column.TextColumn(width=130, alignment="right"),
                "Share": column.TextColumn(width=76, alignment="right"),
                "Printed date": column.TextColumn(width=100),
                "Source": column.TextColumn(width=100),
                "Batch · row": column.TextColumn(width=90),
            },
            opens=lambda place: _open(rows[place]["policy_version"]),
        )
        lists.turn("page", len(found), len(rows))


def _open(name: str) -> None:
    parameters.put("version", name)
    st.rerun(scope="app")


if __name__ == "__main__":
    main()
