"""Consent: can it be proven, how fast does a withdrawal work, which systems have not confirmed one?

Here: the order of the page and its four figures. Not here: opt-in and standing (opt_in.py), systems (propagation.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import access, layout
from dashboards.charts.consents import hours
from dashboards.components import figure_cards, filter_bar, tables
from dashboards.components.sections import Card, cards, guarded, nothing, pair
from dashboards.data import control_results, metrics, names, withdrawals
from dashboards.data.query import Row
from dashboards.data.withdrawals import WithdrawalFilters
from dashboards.page import Page
from dashboards.views.consent import opt_in, propagation, withdrawal_drawer
from promisekept.presentation import formats

_SENTENCE = "What people agreed to, whether it can be proven, and how fast a withdrawal took effect"
_CODES = ("consent_provable_rate", "withdrawal_unconfirmed", "processing_without_consent")
_OF_PURPOSES = ("active_consents", "consent_opt_in_rate_of_all", "withdrawal_unconfirmed")
_MARTS = ("fct_consents", "fct_withdrawal_systems", "fct_policy_versions")


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Consent")
    allowed = metrics.values(page.ref, _OF_PURPOSES, "purpose_code") if control_results.has(page.ref, *_MARTS) else ()
    if not allowed:
        layout.header(page, "Consent", _SENTENCE)
        nothing(
            "This snapshot holds no consent",
            "0 decisions: no source of the consents log has delivered anything. Data quality lists the sources.",
        )
        return
    if tables.alone(withdrawal_drawer.drawer_of_address, page):
        return
    purposes = filter_bar.read("purpose", "Purpose", allowed, names.labels_of(page.ref, "purpose_code"))
    systems = filter_bar.read(
        "system", "System", metrics.values(page.ref, _CODES[1:2], "system"), names.labels_of(page.ref, "system")
    )
    layout.header(page, "Consent", _SENTENCE, lambda: filter_bar.control((purposes, systems)))
    filter_bar.pills((purposes, systems))
    chosen = WithdrawalFilters(purposes.chosen, systems.chosen)
    _figures(page, chosen)
    pair(lambda: opt_in.by_purpose(page, purposes), lambda: opt_in.standing(page, purposes))
    propagation.took(page, chosen)
    if access.may("rows"):
        propagation.worklist(page, chosen)
    opt_in.unprovable(page, purposes)
    withdrawal_drawer.drawer_of_address(page)


@guarded
def _figures(page: Page, chosen: WithdrawalFilters) -> None:
    figures = metrics.figures(page.ref, _CODES, page.period, ("purpose_code", *chosen.purpose))
    verdicts = control_results.verdicts(page.ref, _CODES, page.period, None)
    by_system = withdrawals.by_system(page.ref, chosen, page.period, page.snapshot.zone)
    narrowed = bool(chosen.purpose)
    cards(
        [
            figure_cards.card(
                "Provable consents",
                figures[_CODES[0]],
                "active",
                verdicts.get(_CODES[0]),
                narrowed=narrowed,
                nothing=f"No consent was active at the end of {page.period.noun}",
                help="A notice and a policy version are recorded, and that version was in force when consent was given",
            ),
            _confirmed(page, by_system, verdicts.get(_CODES[1]), bool(chosen.chosen)),
            _slowest(page, propagation.with_percentiles(page, chosen, by_system)),
            figure_cards.card(
                "Processing without consent",
                figures[_CODES[2]],
                "operations on consent",
                verdicts.get(_CODES[2]),
                narrowed=narrowed,
                nothing=f"No processing operation rested on consent in {page.period.noun}",
            ),
        ]
    )
    beside = (
        figure_cards.matched(page, ("consents", "processing")),
        figure_cards.uncounted(verdicts),
        "The system narrows withdrawals only" if chosen.system else "",
        figure_cards.worst("Not confirmed", figures[_CODES[1]], verdicts.get(_CODES[1])),
        figure_cards.warning("consents, policies or processing", figures.values()),
    )
    st.caption("  ·  ".join(part for part in beside if part))


def _confirmed(page: Page, by_system: list[Row], verdict: Row | None, narrowed: bool) -> Card:
    due = sum(row["expected"] - row["pending"] for row in by_system)
    in_time, pending = sum(row["in_time"] for row in by_system), sum(row["pending"] for row in by_system)
    waiting = f" · {formats.count(pending)} still in time" if pending else ""
    return figure_cards.card(
        "Withdrawals confirmed in time",
        metrics.share(in_time, due),
        f"expected · {formats.count(due - in_time)} not",
        verdict,
        narrowed=narrowed,
        nothing=f"No confirmation fell due in {page.period.noun}{waiting}",
        more=waiting,
        help="One confirmation is expected of each system that the pack names for the purpose",
    )


def _slowest(page: Page, by_system: list[Row]) -> Card:
    timed = [row for row in by_system if row["p95"] is not None]
    if not timed:
        return Card(
            "Slowest system, 95th percentile",
            formats.NULL,
            f"No system confirmed 95 of 100 withdrawals in {page.period.noun}",
        )
    row = max(timed, key=lambda row: row["p95"])
    behind = [other["system"] for other in by_system if other["p95"] is None and other["is_over"]]
    never = f" · not reached by {', '.join(names.written(page.ref, 'system', one) for one in behind)}" if behind else ""
    return Card(
        "Slowest system, 95th percentile",
        hours(row["p95"]),
        f"{names.written(page.ref, 'system', row['system'])} · median {hours(row['median'])}"
        f" · n = {formats.count(row['expected'])}{never}",
        badge=f":red-badge[:material/cancel: {len(behind)} slower]"
        if behind
        else ":red-badge[:material/cancel: Over]"
        if row["is_over"]
        else "",
        help="Of all confirmations that were expected, unconfirmed ones as long as they last (Kaplan-Meier); over: later than the"
        " limit of the policy pack; slower: 95 of 100 are due and have not confirmed",
    )


if __name__ == "__main__":
    main()
