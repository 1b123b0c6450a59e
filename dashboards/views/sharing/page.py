"""Sharing: who received what, on which footing, who after an objection, which agreement ends?

Here: the order of the page and its five figures. Not here: recipients (recipients.py), the rows behind a figure
(disclosures.py), agreements (agreements.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import access, layout
from dashboards.components import figure_cards, filter_bar, tables
from dashboards.components.sections import Card, cards, guarded, nothing, pair
from dashboards.data import control_results, metrics, names
from dashboards.data import sharing as data
from dashboards.page import Page
from dashboards.views.sharing import agreements, disclosures, recipients
from promisekept.presentation import formats, labels

_SENTENCE = "Every disclosure to a third party, checked against the register, the agreements and the person's choices"
_CODES = (
    "within_policy_rate",
    "within_policy_rate_by_records",
    "disclosure_told_rate",
    "told_exempt_rate",
    "disclosure_after_stop",
    "sale_count",
)


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Sharing")
    kinds = data.recipients(page.ref) if control_results.has(page.ref, "fct_disclosures") else {}
    if not kinds:
        layout.header(page, "Sharing", _SENTENCE)
        nothing(
            "This snapshot holds no disclosure",
            "0 disclosures: no source of the disclosures log has delivered anything. Data quality lists the sources.",
        )
        agreements.draw(page, (), [])
        return
    recipient = filter_bar.read("recipient", "Recipient", list(kinds), names.labels_of(page.ref, "recipient_id"))
    known_kinds = [kind for kind in labels.RECIPIENT_KINDS if kind in kinds.values()]
    kind = filter_bar.read("kind", "Kind", known_kinds, labels.RECIPIENT_KINDS.__getitem__)
    check = filter_bar.read("check", "Failed check", data.CHECKS, labels.DISCLOSURE_CHECKS.__getitem__, single=True)
    rows_too = access.may("rows")
    if rows_too and tables.alone(disclosures.drawer_of_address, page):
        return
    filters = (recipient, kind, check) if rows_too else (recipient, kind)
    layout.header(page, "Sharing", _SENTENCE, lambda: filter_bar.control(filters))
    filter_bar.pills(filters)
    chosen, of_kind = _chosen(kinds, recipient.chosen, kind.chosen), _chosen(kinds, (), kind.chosen)
    rows = data.matrix(page.ref, of_kind, page.period)
    whole = sum(row["disclosures"] for row in rows if not recipient.chosen or row["recipient_id"] in recipient.chosen)
    _figures(page, chosen, whole)
    pair(
        lambda: recipients.matrix(page, rows, (recipient, check) if rows_too else None),
        lambda: recipients.transfers(page, chosen, whole),
    )
    if rows_too:
        disclosures.draw(page, chosen, check.chosen[0] if check.chosen else disclosures.STOPPED)
    agreements.draw(page, chosen, rows)
    recipients.within_policy(page, of_kind)
    if rows_too:
        disclosures.drawer_of_address(page)


def _chosen(kinds: dict[str, str], recipients: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The recipients that the filters leave; none where there is no filter. A kind is the register's latest word."""
    if not recipients and not wanted:
        return ()
    left = tuple(
        name for name, kind in kinds.items() if (not recipients or name in recipients) and (not wanted or kind in wanted)
    )
    return left or ("",)  # two filters that exclude each other choose nobody, not everybody


@guarded
def _figures(page: Page, chosen: tuple[str, ...], whole: int) -> None:
    figures = metrics.figures(page.ref, _CODES, page.period, ("recipient_id", *chosen))
    verdicts = control_results.verdicts(page.ref, _CODES, page.period, None)
    narrowed, policy = bool(chosen), figures["within_policy_rate"]
    exempt, of_records = figures["told_exempt_rate"], figures["within_policy_rate_by_records"]
    exempted = f" · {formats.count(exempt.numerator or 0)} exempt" if exempt.denominator else ""

    def card(name: str, code: str, of: str, *, nothing: str, more: str = "", help: str | None = None) -> Card:
        verdict = verdicts.get(code)
        return figure_cards.card(name, figures[code], of, verdict, narrowed=narrowed, nothing=nothing, more=more, help=help)

    cards(
        [
            card(
                "Within policy",
                "within_policy_rate",
                "",
                nothing=f"No disclosure to these recipients in {page.period.noun}",
                more=f" · {formats.rate(of_records.value)} of records",
                help="No check failed: a word about our policy, not a verdict in law",
            ),
            card(
                "Individuals notified",
                "disclosure_told_rate",
                "",
                nothing=f"Nobody had to be notified in {page.period.noun}{exempted}",
                more=exempted,
                help="Notified at or before the disclosure, of those about a person and without an exemption",
            ),
            card(
                "After opt-out or objection",
                "disclosure_after_stop",
                "while one was in force",
                nothing="0 while one was in force",
            ),
            card("Sales", "sale_count", "disclosures", nothing="0 disclosures"),
            agreements.card(page, chosen),
        ]
    )
    beside = (
        figure_cards.matched(page, ("disclosures", "consents")),
        figure_cards.worst("Within policy", policy, verdicts.get("within_policy_rate")),
        figure_cards.uncounted(verdicts),
        figure_cards.warning("disclosures, consents or requests", figures.values()),
    )
    st.caption(
        f"Of {formats.count(whole)} disclosures in {page.period.noun}  ·  " + "  ·  ".join(part for part in beside if part)
    )


if __name__ == "__main__":
    main()
