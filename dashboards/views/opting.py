"""What people agreed to: opt-in by purpose, active consents over time, and consents that can't be proven.

Here: three sections of the consent page. Not here: its figures (consent.py), withdrawals (withdrawn.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd
import streamlit as st

from dashboards import export, notation, words
from dashboards.charts import consents as charts
from dashboards.charts import look
from dashboards.charts.rates import FEW
from dashboards.data import consents as data
from dashboards.data import measures
from dashboards.data.measures import Measure
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page
from dashboards.periods import months_until
from dashboards.views.choices import Choice

KINDS = {
    "consent_opt_in_rate_of_shown": "Of those asked",
    "consent_opt_in_rate_of_all": "Of asked or decided",
    "consent_opt_in_rate": "Of deciders",
}
"""Metric -> what the opt-in is out of."""
MOST = 25
"""Rows of a small table."""
DRAWN = 6
"""Purposes, each with three dots, that the greatest height holds."""


@guarded
def by_purpose(page: Page, purposes: Choice) -> None:
    """Given, of each of the three denominators."""
    found = measures.by_value(page.ref, tuple(KINDS), page.period, "purpose_code")
    shown = sorted(
        (
            (purpose, held)
            for purpose, held in found.items()
            if purpose in (purposes.chosen or found) and any(held[code].denominator for code in KINDS)
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
            st.caption(f"The {len(drawn)} of {len(shown)} purposes with the highest opt-in; the numbers have all")
        named = [(words.sentence(purpose), held) for purpose, held in drawn]
        numbers = [
            {
                "Purpose": words.sentence(purpose),
                "Out of": kind,
                "Given": held[code].numerator,
                "Persons": held[code].denominator,
                "Opt-in": notation.rate(held[code].value),
            }
            for purpose, held in shown
            for code, kind in KINDS.items()
        ]
        told = "; ".join(
            f"{row['Purpose']} {row['Out of'].lower()}: {row['Opt-in']}, {notation.out_of(row['Given'], row['Persons'])}"
            for row in numbers
        )
        look.show(
            charts.opt_in(named, KINDS),
            alternative=f"Opt-in by purpose. {told}.",
            numbers=numbers,
            height=look.LOW if len(drawn) < 2 else look.MIDDLE if len(drawn) < 4 else look.HIGH,
            name="by purpose",
        )


def _whole(held: Mapping[str, Measure]) -> float:
    return max(held[code].denominator or 0 for code in KINDS)


@guarded
def standing(page: Page, purposes: Choice) -> None:
    """Active consents at the end of each of eighteen months."""
    months = [month.start for month in months_until(page.today, 18) if month.start]
    found = measures.monthly_by_value(page.ref, "active_consents", months[0], months[-1], "purpose_code")
    lines: dict[str, list[tuple[date, float]]] = {}
    for row in found:
        if row["dimension_value"] in (purposes.chosen or purposes.allowed):
            lines.setdefault(row["dimension_value"], []).append((row["month"], row["value"]))
    ranked = sorted(lines.items(), key=lambda item: (-item[1][-1][1], item[0]))
    drawn = {words.sentence(purpose): points for purpose, points in ranked[: len(charts.LINES)]}
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
        told = "; ".join(f"{name} {notation.count(points[-1][1])}" for name, points in drawn.items())
        look.show(
            charts.active(drawn, begun),
            alternative=f"Active consents by month and purpose. At the end: {told}.",
            numbers=numbers,
            height=look.LOW if len(drawn) < 2 else look.MIDDLE if len(drawn) < 4 else look.HIGH,
            name="by month",
        )


@guarded
def unprovable(page: Page, purposes: Choice) -> None:
    """Active consents that can't be proven, by reason."""
    found = data.unprovable(page.ref, purposes.chosen, page.period, page.snapshot.zone)
    active = measures.measures(page.ref, ("active_consents",), page.period, "purpose_code", purposes.chosen)["active_consents"]
    whole = sum(row["consents"] for row in found)
    when = "now" if page.period.end is None or page.period.end > page.today else f"at the end of {page.period.words}"
    with section("Consents that can't be proven", f"{notation.out_of(whole, active.value or 0)} active consents {when}"):
        if not found:
            nothing(
                "Every active consent can be proven" if active.value else "No consent is active",
                f"0 of {notation.count(active.value or 0)} active consents lack a notice or a policy version in force.",
                good=bool(active.value),
            )
            return
        st.table(
            pd.DataFrame(
                [
                    {
                        "Purpose": notation.plain(words.sentence(row["purpose_code"])),
                        "Why not": words.say(words.UNPROVABLE, row["reason"]),
                        "Consents": notation.out_of(row["consents"], active.value or 0),
                        "Version given": notation.plain(row["policy_version"] or notation.NULL),
                        "Source": notation.plain(row["source"]),
                        "Batches": _batches(row["first_batch"], row["batches"]),
                    }
                    for row in found[:MOST]
                ]
            ),
            border="horizontal",
            hide_index=True,
        )
        if len(found) > MOST:
            rest = sum(row["consents"] for row in found[MOST:])
            st.caption(f"The first {MOST} of {len(found)} rows; the others hold {notation.out_of(rest, whole)}")
        export.button(
            "by reason",
            [
                {
                    "Purpose": words.sentence(row["purpose_code"]),
                    "Why not": words.say(words.UNPROVABLE, row["reason"]),
                    "Consents": row["consents"],
                    "Active": active.value,
                    "Version given": row["policy_version"],
                    "Source": row["source"],
                    "First batch": row["first_batch"],
                    "Batches": row["batches"],
                }
                for row in found
            ],
            filters={"purpose": purposes.chosen},
        )


def _batches(first: str | None, how_many: int) -> str:
    others = "" if how_many < 2 else f" and {notation.count(how_many - 1)} other{'' if how_many == 2 else 's'}"
    return f"{notation.plain(first or notation.NULL)}{others}"
