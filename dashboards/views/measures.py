"""A metric as a card: its value, what it is out of, its target, and whether the promise on it was kept.

Here: from a figure of the marts and the verdict on it to a card. Not here: which metrics a page shows.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import notation, words
from dashboards.data.metrics import Figure
from dashboards.figures import Card
from dashboards.periods import Period

Verdict = dict[str, Any]


def during(period: Period) -> str:
    """`in Q3 2026`, or `to date`."""
    return f"in {period.label}" if period.start else "to date"


def target_of(verdict: Verdict | None) -> tuple[str, float] | None:
    """Operator and target of a verdict, where a promise sets one."""
    return (verdict["operator"], float(verdict["target"])) if verdict and verdict["target"] is not None else None


def badge(figure: Figure, verdict: Verdict | None) -> str:
    """What is wrong with a figure: beyond its target, or not to be judged; else nothing."""
    target = target_of(verdict)
    if verdict is None or target is None or figure.value is None:
        return ""
    operator, goal = target
    beyond = {"<=": figure.value > goal + 1e-12, ">=": figure.value < goal - 1e-12, "=": abs(figure.value - goal) > 1e-12}[
        operator
    ]
    if beyond:
        side = "Above" if figure.value > goal else "Below"
        exact = f" {notation.count(goal)}" if operator == "=" and figure.unit not in notation.SHARES else ""
        return f":red-badge[:material/cancel: {side}{exact}]"
    return words.PROMISES["insufficient_evidence"].badge() if verdict["status"] == "insufficient_evidence" else ""


def card(
    name: str,
    figure: Figure,
    verdict: Verdict | None,
    of: str,
    *,
    where: str = "",
    nothing: str = "",
    help: str | None = None,
) -> Card:
    """The card of a metric.

    Args:
        name: what the card is called.
        figure: as the mart holds it.
        verdict: what `data.judged.verdicts` says about it.
        of: what the denominator counts; of a count: the whole sentence of what it is out of.
        where: the stretch of time as `during` says it, for what is not a state.
        nothing: why there is no value, where there is none.
        help: how it is counted.
    """
    target = target_of(verdict)
    goal = target[1] if target else None
    said = [notation.out_of(figure.numerator, figure.denominator)] if figure.denominator is not None else []
    note = " ".join([*said, of, *([where] if where else [])]) if figure.value is not None else nothing
    aim = f"target {notation.target(target[0], goal, verdict['unit'])}" if verdict and target else "no target"
    shown, worst = (notation.measured(value, figure.unit, goal) for value in (figure.value, figure.worst))
    worse = f"at worst {worst}" if figure.value is not None and worst not in (shown, notation.NULL) else ""
    return Card(
        name,
        shown,
        " · ".join(part for part in (note, aim, worse) if part),
        badge=badge(figure, verdict),
        help=help,
    )


def doubts(figures: dict[str, Figure], verdicts: dict[str, Verdict], names: dict[str, tuple[str, str]]) -> None:
    """One line for each figure that can't be judged, with its reason, and one where a log failed its checks."""
    for code, verdict in verdicts.items():
        if verdict["status"] == "insufficient_evidence":
            name = names.get(code, (words.sentence(code), ""))[0]
            st.markdown(
                f":small[{words.PROMISES['insufficient_evidence'].badge()} **{notation.plain(name)}**: "
                f"{notation.plain(words.sentence(verdict['reason']))}]"
            )
    failed = [code for code, figure in figures.items() if figure.quality == "failed"]
    if failed and not any(verdicts.get(code, {}).get("status") == "insufficient_evidence" for code in failed):
        st.markdown(":small[:yellow-badge[:material/warning: A log behind these figures failed its checks]]")
