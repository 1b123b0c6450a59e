"""Sharing: who received what, on which footing, who after an objection, which agreement ends?

Here: the order of the page and its five figures. Not here: recipients (recipients.py), the rows behind a figure
(disclosures.py), agreements (agreements.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import access, frame, notation, words
from dashboards.data import judged, measures
from dashboards.data import sharing as data
from dashboards.data.measures import Measure
from dashboards.data.query import Row
from dashboards.figures import Card, cards, guarded, nothing, pair
from dashboards.page import Page
from dashboards.views import agreements, choices, disclosures, measured, recipients

_SENTENCE = "Every disclosure to a third party, checked against the register, the agreements and the person's choices"
_CODES = (
    "within_policy_rate",
    "within_policy_rate_by_records",
    "disclosure_told_rate",
    "told_exempt_rate",
    "disclosure_after_stop",
    "sale_count",
)
_NOBODY = "No disclosure to these recipients"


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Sharing")
    kinds = data.recipients(page.ref) if judged.has(page.ref, "fct_disclosures") else {}
    if not kinds:
        frame.header(page, "Sharing", _SENTENCE)
        nothing(
            "This snapshot holds no disclosure",
            "0 disclosures: no source of the disclosures log has delivered anything. Data quality lists the sources.",
        )
        agreements.draw(page, (), [])
        return
    recipient = choices.read("recipient", "Recipient", list(kinds), str)
    held_kinds = [kind for kind in words.RECIPIENT_KINDS if kind in kinds.values()]
    kind = choices.read("kind", "Kind", held_kinds, words.RECIPIENT_KINDS.__getitem__)
    check = choices.read("check", "Failed check", data.CHECKS, words.DISCLOSURE_CHECKS.__getitem__, single=True)
    rows_too = access.may("rows")
    filters = (recipient, kind, check) if rows_too else (recipient, kind)
    frame.header(page, "Sharing", _SENTENCE, lambda: choices.control(filters))
    choices.pills(filters)
    chosen, of_kind = _chosen(kinds, recipient.chosen, kind.chosen), _chosen(kinds, (), kind.chosen)
    rows = data.matrix(page.ref, of_kind, page.period)
    whole = sum(row["disclosures"] for row in rows if not recipient.chosen or row["recipient_id"] in recipient.chosen)
    _figures(page, chosen, whole)
    with pair() as (left, right):
        with left:
            recipients.matrix(page, rows, (recipient, check) if rows_too else None)
        with right:
            recipients.transfers(page, chosen, whole)
    if rows_too:
        disclosures.draw(page, chosen, check.chosen[0] if check.chosen else disclosures.STOPPED)
    agreements.draw(page, chosen, rows)
    recipients.rates(page, of_kind)
    if rows_too:
        disclosures.drawer_if_asked(page)


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
    held = measures.measures(page.ref, _CODES, page.period, "recipient_id", chosen)
    verdicts = judged.verdicts(page.ref, _CODES, page.period, None)
    narrowed = bool(chosen)
    policy, told = held["within_policy_rate"], held["disclosure_told_rate"]
    goal = measured.goal(verdicts.get("within_policy_rate"))
    cards(
        [
            measured.card(
                "Within policy",
                notation.rate(policy.value, goal),
                f"{notation.out_of(policy.numerator, policy.denominator)}{measured.aim(verdicts.get('within_policy_rate'))}"
                f" · {notation.rate(held['within_policy_rate_by_records'].value)} of records"
                if policy.denominator
                else f"{_NOBODY} in {page.period.noun}",
                verdicts.get("within_policy_rate"),
                narrowed=narrowed,
                help="No check failed: a word about our policy, not a verdict in law",
            ),
            _told(page, told, held["told_exempt_rate"], verdicts.get("disclosure_told_rate"), narrowed),
            _count(
                "After a stop",
                held["disclosure_after_stop"],
                "made while a stop was in force",
                verdicts.get("disclosure_after_stop"),
                narrowed,
            ),
            _count("Sales", held["sale_count"], "disclosures", verdicts.get("sale_count"), narrowed),
            agreements.card(page, chosen),
        ]
    )
    beside = (
        measured.matched(page, ("disclosures", "consents")),
        measured.worst("Within policy", policy, verdicts.get("within_policy_rate")),
        measured.uncounted(verdicts),
        measured.warning("disclosures, consents or requests", held.values()),
    )
    st.caption(
        f"Of {notation.count(whole)} disclosures in {page.period.noun}  ·  " + "  ·  ".join(part for part in beside if part)
    )


def _told(page: Page, told: Measure, exempt: Measure, verdict: Row | None, narrowed: bool) -> Card:
    ways_out = f" · {notation.count(exempt.numerator or 0)} exempt" if exempt.denominator else ""
    return measured.card(
        "People told",
        notation.rate(told.value, measured.goal(verdict)),
        f"{notation.out_of(told.numerator, told.denominator)}{measured.aim(verdict)}{ways_out}"
        if told.denominator
        else f"Nobody had to be told in {page.period.noun}{ways_out}",
        verdict,
        narrowed=narrowed,
        help="Told at or before the disclosure, of those about a person and without an exemption",
    )


def _count(name: str, measure: Measure, of: str, verdict: Row | None, narrowed: bool) -> Card:
    return measured.card(
        name,
        notation.count(measure.value) if measure.units else notation.NULL,
        f"of {notation.count(measure.units)} {of}{measured.aim(verdict)}" if measure.units else f"0 {of}",
        verdict,
        narrowed=narrowed,
    )


if __name__ == "__main__":
    main()
