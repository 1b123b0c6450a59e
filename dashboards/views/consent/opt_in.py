"""What people agreed to: opt-in by purpose, active consents over time, and consents that can't be proven.

Here: three sections of the consent page. Not here: its figures (page.py), withdrawals (propagation.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from dashboards import markdown
from dashboards.charts import consents as charts
from dashboards.charts import theme
from dashboards.charts.rates import FEW
from dashboards.components import export, tables
from dashboards.components.filter_bar import FilterChoice
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import consents as data
from dashboards.data import metrics, names
from dashboards.data.metrics import Figure
from dashboards.page import Page
from promisekept.presentation import formats, labels
from promisekept.presentation.periods import months_until

KINDS = {
    "consent_opt_in_rate_of_shown": "Of those asked",
    "consent_opt_in_rate_of_all": "Of asked or decided",
    "consent_opt_in_rate": "Of deciders",
}
"""Metric -> the denominator of the opt-in."""
DRAWN = 6
"""Purposes, each with three dots, that the greatest height holds."""


@guarded
def by_purpose(page: Page, purposes: FilterChoice) -> None:
    """Given, of each of the three denominators."""
    measured = metrics.by_value(page.ref, tuple(KINDS), page.period, "purpose_code")
    shown = sorted(
        (
            (purpose, by_kind)
            for purpose, by_kind in measured.items()
            if purpose in (purposes.chosen or measured) and any(by_kind[code].denominator for code in KINDS)
        ),
        key=lambda item: (_whole(item[1]) < FEW, -(item[1]["consent_opt_in_rate_of_all"].value or 0)),
    )
    with section(
        "Opt-in by purpose",
        f"Consent given at the first decision, in {page.period.noun}: of those asked, of all who were asked or decided unasked, "
        "and of those who decided; whiskers: 95% interval, hollow: n < 10",
    ):
        if not shown:
            nothing("Nobody was asked or decided", f"0 first decisions in {page.period.words} with these filters.")
            return
        drawn = shown[:DRAWN]
        if len(drawn) < len(shown):
            st.caption(f"The {len(drawn)} of {len(shown)} purposes with the highest opt-in; the data table has all")
        called = names.labels_of(page.ref, "purpose_code")
        named = [(called(purpose), by_kind) for purpose, by_kind in drawn]
        found = [(called(purpose), kind, by_kind[code]) for purpose, by_kind in shown for code, kind in KINDS.items()]
        numbers = [
            {
                "Purpose": purpose,
                "Out of": kind,
                "Given": one.numerator,
                "Persons": one.denominator,
                "Opt-in": formats.rate(one.value),
            }
            for purpose, kind, one in found
        ]
        theme.show(charts.opt_in(named, KINDS), numbers, "by purpose", height=theme.height(len(drawn), 1, 3))


def _whole(by_kind: Mapping[str, Figure]) -> float:
    return max(by_kind[code].denominator or 0 for code in KINDS)


@guarded
def standing(page: Page, purposes: FilterChoice) -> None:
    """Active consents at the end of each of eighteen months."""
    months = months_until(page.today, 18)
    found = metrics.monthly_by_value(page.ref, "active_consents", months[0], months[-1], "purpose_code")
    lines: dict[str, list[tuple[date, float]]] = {}
    for row in found:
        if row["dimension_value"] in (purposes.chosen or purposes.allowed):
            lines.setdefault(row["dimension_value"], []).append((row["month"], row["value"]))
    ranked = sorted(lines.items(), key=lambda item: (-item[1][-1][1], item[0]))
    drawn = {names.label(page.ref, "purpose_code", purpose): points for purpose, points in ranked[: len(charts.LINES)]}
    more = f"; the {len(drawn)} largest of {len(ranked)}" if len(drawn) < len(ranked) else ""
    with section(
        "Active consents", f"Consents in force at the end of each month, by purpose; the last point is as of the snapshot{more}"
    ):
        if not drawn:
            nothing("No consent was active", "0 active consents in the last 18 months with these filters.")
            return
        begun = [month for month in months if any(month == at for points in drawn.values() for at, _ in points)]
        numbers = [
            {"Month": f"{month:%b %Y}"} | {name: dict(points).get(month) for name, points in drawn.items()} for month in begun
        ]
        spoken = "; ".join(f"{name} {formats.count(points[-1][1])}" for name, points in drawn.items())
        theme.show(charts.active(drawn, begun), numbers, "by month", spoken=spoken, height=theme.height(len(drawn), 1, 3))


@guarded
def unprovable(page: Page, purposes: FilterChoice) -> None:
    """Active consents that can't be proven, by reason."""
    found = data.unprovable(page.ref, purposes.chosen, page.period, page.snapshot.zone)
    active = metrics.figures(page.ref, ("active_consents",), page.period, ("purpose_code", *purposes.chosen))["active_consents"]
    whole = sum(row["consents"] for row in found)
    when = "now" if page.period.end is None or page.period.end > page.today else f"at the end of {page.period.words}"
    with section("Consents that can't be proven", f"{formats.out_of(whole, active.value or 0)} active consents {when}"):
        if not found:
            nothing(
                "Every active consent can be proven" if active.value else "No consent is active",
                f"0 of {formats.count(active.value or 0)} active consents lack a notice or a policy version in force.",
                good=bool(active.value),
            )
            return
        columns = (
            Column("Purpose", lambda row: names.label(page.ref, "purpose_code", row["purpose_code"])),
            Column("Why not", lambda row: labels.label(labels.UNPROVABLE, row["reason"])),
            Column("Consents", "consents", shown=lambda row: formats.out_of(row["consents"], active.value or 0)),
            Column("Active", lambda _: active.value, only="file"),
            Column("Version given", "policy_version"),
            Column("Source", "source"),
            Column("First batch", "first_batch", only="file"),
            Column("Batches", "batches", shown=lambda row: _batches(row["first_batch"], row["batches"])),
        )
        tables.small(columns, found)
        export.button("by reason", found, columns, filters={"purpose": purposes.chosen})


def _batches(first: str | None, how_many: int) -> str:
    others = "" if how_many < 2 else f" and {formats.count(how_many - 1)} other{'' if how_many == 2 else 's'}"
    return f"{markdown.plain(first or formats.NULL)}{others}"
