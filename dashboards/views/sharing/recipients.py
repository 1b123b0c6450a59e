"""Who received data: which recipient failed which check, where data went abroad, the rate by recipient.

Here: three charts of the sharing page; a click on a cell of the first chooses the rows below it. Not here: those rows
(disclosures.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import parameters
from dashboards.charts import sharing as charts
from dashboards.charts import theme
from dashboards.charts.rates import FEW
from dashboards.components import rates
from dashboards.components.filter_bar import FilterChoice
from dashboards.components.rates import MOST
from dashboards.components.sections import guarded, nothing, section
from dashboards.data import control_results, metrics, names
from dashboards.data import sharing as data
from dashboards.data.query import Row
from dashboards.page import Page
from promisekept.presentation import formats, labels

_KEY = "matrix"


@guarded
def matrix(page: Page, rows: list[Row], filters: tuple[FilterChoice, FilterChoice] | None) -> None:
    """Recipients x checks: how many disclosures failed; whole, for it is where a recipient is chosen.

    Args:
        page: this run.
        rows: one per recipient.
        filters: recipient and check, which a cell chooses; None where the rows below are not for this reader.
    """
    note = "Disclosures that failed. Empty: none failed. A dash: the check does not apply"
    note += ". Choose a cell for its rows below" if filters else ""
    with section("Recipient and failed check", note):
        if not rows:
            nothing("Nothing was shared", f"0 disclosures in {page.period.words} with these filters.")
            return
        worst = sorted(rows, key=lambda row: (-row["failed"], -row["disclosures"]))[:MOST]
        named = names.labels_of(page.ref, "recipient_id")
        shown = [row | {"called": named(row["recipient_id"])} for row in rows if row in worst]
        if len(shown) < len(rows):
            st.caption(f"The {len(shown)} of {len(rows)} recipients with the most failures; the data table has all")
        numbers = [
            {"Recipient": named(row["recipient_id"]), "Disclosures": row["disclosures"], "Failed any": row["failed"]}
            | {
                f"Failed: {name}": row[code] if row[f"{code}_applicable"] else None
                for code, name in labels.DISCLOSURE_CHECKS.items()
            }
            for row in rows
        ]
        chosen: tuple[str, ...] | None = None
        clicked: dict[str, Any] = {}
        if filters:
            recipient, check = (choice.chosen for choice in filters)
            chosen = (recipient[0], check[0]) if len(recipient) == 1 and check else ()
            clicked = {"key": f"{_KEY}_{st.session_state.get(_KEY, 0)}", "on_select": _choose}
        theme.show(
            charts.matrix(shown, labels.DISCLOSURE_CHECKS, chosen),
            numbers,
            "by recipient and check",
            spoken="; ".join(_spoken(row, named(row["recipient_id"])) for row in rows),
            height=theme.height(len(shown), 4, 7),
            **clicked,
        )


def _choose() -> None:
    """Keep the cell in the address; the chart gets a new key, so that it holds no choice of its own beside the address."""
    number = st.session_state.get(_KEY, 0)
    cells: list[dict[str, Any]] = st.session_state[f"{_KEY}_{number}"]["selection"].get(charts.CELL) or []
    st.session_state[_KEY] = number + 1
    if not cells:
        return
    cell = cells[0]
    parameters.put("recipient", [str(cell["recipient"])])
    parameters.put("check", [str(cell["check"])])
    parameters.drop(["page"])


def _spoken(row: Row, recipient: str) -> str:
    failed = [
        f"{name} {formats.out_of(row[code], row[f'{code}_applicable'])}"
        for code, name in labels.DISCLOSURE_CHECKS.items()
        if row[code]
    ]
    return f"{recipient}, {formats.plural(row['disclosures'], 'disclosure')}: {', '.join(failed) or 'none failed'}"


@guarded
def transfers(page: Page, chosen: tuple[str, ...], whole: int) -> None:
    """Disclosures abroad by country and safeguard."""
    found = data.transfers(page.ref, chosen, page.period) if control_results.has(page.ref, "rpt_gdpr_art30") else []
    abroad = sum(row["n"] for row in found)
    bare = sum(row["n"] for row in found if row["kind"] == "none")
    note = f"{formats.out_of(abroad, whole)} disclosures left the country, {formats.count(bare)} of them without a safeguard"
    with section("Transfers by country", note):
        if not found:
            nothing("Nothing left the country", f"0 of {formats.count(whole)} disclosures went abroad.", good=bool(whole))
            return
        countries = list(dict.fromkeys(row["country"] for row in found))
        unsafe = {row["country"] for row in found if row["kind"] in ("none", "unknown")}
        totals = {country: sum(row["n"] for row in found if row["country"] == country) for country in countries}
        drawn = sorted(
            sorted(countries, key=lambda name: (name not in unsafe, -totals[name]))[:10], key=lambda name: -totals[name]
        )
        if len(drawn) < len(countries):
            st.caption(f"{len(drawn)} of {len(countries)} countries: those without a safeguard, then the most frequent")
        numbers = [
            {"Country": labels.jurisdiction(row["country"]), "Safeguard": charts.safeguard(row), "Disclosures": row["n"]}
            for row in found
        ]
        theme.show(charts.transfers(found, drawn), numbers, "by country", height=theme.height(len(drawn), 2, 4))


@guarded
def within_policy(page: Page, chosen: tuple[str, ...]) -> None:
    """Within policy by recipient, lowest first."""
    found = metrics.by_value(page.ref, ("within_policy_rate",), page.period, "recipient_id")
    points = [
        (names.label(page.ref, "recipient_id", code), measured["within_policy_rate"])
        for code, measured in found.items()
        if measured["within_policy_rate"].denominator and (not chosen or code in chosen)
    ]
    with section("Within policy by recipient", "Share without a failed check, with 95% interval; lowest first. Hollow: n < 10"):
        if not points:
            nothing("Nothing was shared", f"0 disclosures in {page.period.words} with these filters.")
            return
        points.sort(key=lambda point: ((point[1].denominator or 0) < FEW, point[1].value or 0))
        if len(points) > MOST:
            st.caption(f"The lowest {MOST} of {len(points)} recipients; the data table has all")
        rates.ranked("Recipient", points, None, ("Within policy", "Disclosures"))
