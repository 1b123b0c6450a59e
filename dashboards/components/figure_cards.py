"""What stands beside a figure: its verdict, its target, whether a log behind it failed, and how many persons the logs share.

Here: those few words, the same on every page that has them, and the card that holds them. Not here: which figures a page
shows (the pages ask data/ for them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from dashboards import markdown
from dashboards.components import terms
from dashboards.components.sections import Card
from dashboards.data import metrics
from dashboards.data.metrics import Figure
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.periods import Period

Verdict = Mapping[str, Any]


def card(
    name: str,
    figure: Figure,
    of: str,
    verdict: Verdict | None,
    *,
    narrowed: bool,
    nothing: str,
    more: str = "",
    help: str | None = None,
) -> Card:
    """A figure with the verdict on its promise; none where filters narrow it, for the promise is about all.

    Beside a value there is room for one short word; what else there is stands in the note.

    Args:
        name: what the card is called.
        figure: a share, or a count of the units looked at.
        of: what the denominator counts.
        verdict: what `data.control_results.verdicts` returns for it.
        narrowed: filters choose a part.
        nothing: why there is no value, where there is none.
        more: what else the note holds.
        help: how it is counted.
    """
    value, note = formats.NULL, nothing
    if figure.denominator or figure.units:
        counted = formats.out_of(figure.numerator, figure.denominator)
        whole = counted if figure.denominator is not None else f"of {formats.count(figure.units)}"
        value = formats.measured(figure.value, figure.unit, goal(verdict))
        note = f"{whole} {of}".rstrip() + aim(verdict) + more
    if verdict is None or narrowed:
        return Card(name, value, note, help=help)
    word = statuses.VERDICTS[verdict["status"]]
    short, qualified = {
        "met_within_tolerance": ("Kept", f"within tolerance: {formats.plural(verdict['breaches'], 'case')} against it"),
        "met_on_main_reading": ("Kept", "standard interpretation only"),
        "insufficient_evidence": ("", ""),
    }.get(verdict["status"], (word.text, ""))
    if not short:
        return Card(name, value, f"{_doubted()} {note}", help=reason(verdict, help))
    return Card(name, value, f"{note} · {qualified}" if qualified else note, badge=word.badge(short), help=reason(verdict, help))


def of_figure(
    name: str,
    figure: Figure,
    verdict: Verdict | None,
    of: str,
    *,
    where: str = "",
    nothing: str = "",
    help: str | None = None,
) -> Card:
    """The card of a metric as the mart holds it, over all or narrowed to one value; with the side of its target on which it lies.

    Args:
        name: what the card is called.
        figure: as the mart holds it.
        verdict: what `data.control_results.verdicts` returns for it.
        of: what the denominator counts; of a count: the whole sentence of its population.
        where: the period as `during` words it, for what is not a state.
        nothing: why there is no value, where there is none.
        help: how it is counted.
    """
    aimed = goal(verdict)
    counted = [formats.out_of(figure.numerator, figure.denominator)] if figure.denominator is not None else []
    note = " ".join([*counted, of, *([where] if where else [])]) if figure.value is not None else nothing
    shown, worst = (formats.measured(value, figure.unit, aimed) for value in (figure.value, figure.worst))
    worse = f"worst case {worst}" if figure.value is not None and worst not in (shown, formats.NULL) else ""
    badge = _side(figure, verdict)
    parts = (note, aim(verdict).removeprefix(" · ") or "no target", worse)
    text = " · ".join(part for part in parts if part)
    if badge == _doubted():
        return Card(name, shown, f"{badge} {text}", help=help)
    return Card(name, shown, text, badge=badge, help=help)


def _side(figure: Figure, verdict: Verdict | None) -> str:
    """What is wrong with a figure: beyond its target, or not assessable; else nothing."""
    target_set = target_of(verdict)
    if verdict is None or target_set is None or figure.value is None:
        return ""
    operator, aimed = target_set
    beyond = {"<=": figure.value > aimed + 1e-12, ">=": figure.value < aimed - 1e-12, "=": abs(figure.value - aimed) > 1e-12}[
        operator
    ]
    if beyond:
        side = "Above" if figure.value > aimed else "Below"
        exact = f" {formats.count(aimed)}" if operator == "=" and figure.unit not in formats.SHARES else ""
        return f":red-badge[:material/cancel: {side}{exact}]"
    return _doubted() if verdict["status"] == "insufficient_evidence" else ""


def _doubted() -> str:
    """The badge of what is not assessable; it stands in the note, for beside a value there is no room for its words."""
    return statuses.VERDICTS["insufficient_evidence"].badge()


def reason(verdict: Verdict, otherwise: str | None = None) -> str | None:
    """Why a verdict is not simply kept or missed, for the question mark beside a figure's name."""
    text = markdown.plain(labels.sentence(verdict["reason"])) if verdict["reason"] else ""
    return ". ".join(part for part in (text, otherwise) if part) or None


def during(period: Period) -> str:
    """`in Q3 2026`, or `to date`."""
    return f"in {period.label}" if period.start else "to date"


def aim(verdict: Verdict | None) -> str:
    """` · target ≥ 98%`, or nothing where no promise sets one."""
    return f" · target {target(verdict)}" if verdict and verdict["target"] is not None else ""


def target(verdict: Verdict) -> str:
    """`≥ 98%`, in the unit of the metric."""
    return formats.target(verdict["operator"], float(verdict["target"]), verdict["unit"])


def target_of(verdict: Verdict | None) -> tuple[str, float] | None:
    """Operator and target of a verdict, where a promise sets one."""
    return (verdict["operator"], float(verdict["target"])) if verdict and verdict["target"] is not None else None


def goal(verdict: Verdict | None) -> float | None:
    """The number that a value is compared with."""
    target_set = target_of(verdict)
    return target_set[1] if target_set else None


def worst(name: str, measure: Figure, verdict: Verdict | None) -> str:
    """`Within policy worst case 98.1%`, where that is another value; else nothing."""
    if measure.worst is None or measure.worst == measure.value:
        return ""
    return f"{name} worst case {formats.measured(measure.worst, measure.unit, goal(verdict))}"


def warning(logs: str, found: Iterable[Figure]) -> str:
    """A badge where a log that feeds one of the figures failed its checks."""
    failed = any(figure.is_doubted for figure in found)
    return f":yellow-badge[:material/warning: One of the logs failed its checks: {logs}]" if failed else ""


def matched(page: Page, logs: Iterable[str]) -> str:
    """How many of the persons who stopped something or were erased each log contains: what a figure between logs is worth."""
    rates = metrics.match_rates(page.ref)
    found = [
        f"{formats.rate(rates[log].value)} in {log} ({formats.out_of(rates[log].numerator, rates[log].denominator)})"
        for log in logs
        if log in rates
    ]
    if not found:
        return "**Identity match rate between logs** unknown: nobody has objected, opted out or been erased yet"
    who = "of the persons who objected, opted out or were erased"
    return terms.linked(f"**Identity match rate between logs** {', '.join(found)}, {who}")


def uncounted(verdicts: Mapping[str, Verdict]) -> str:
    """Names that a figure rests on rows that no independent count confirms."""
    return (
        labels.NO_COUNT
        if any(not verdict["has_control_total"] for verdict in verdicts.values() if verdict["has_control_total"] is not None)
        else ""
    )


def doubts(figures: Mapping[str, Figure], verdicts: Mapping[str, Verdict], names: Mapping[str, tuple[str, str]]) -> None:
    """One line for each figure that can't be assessed, with its reason, and one where a log failed its checks."""
    for code, verdict in verdicts.items():
        if verdict["status"] == "insufficient_evidence":
            name = names.get(code, (labels.sentence(code), ""))[0]
            st.markdown(
                f":small[{statuses.VERDICTS['insufficient_evidence'].badge()} **{markdown.plain(name)}**: "
                f"{markdown.plain(labels.sentence(verdict['reason']))}]"
            )
    failed = [code for code, figure in figures.items() if figure.is_doubted]
    if failed and not any(verdicts.get(code, {}).get("status") == "insufficient_evidence" for code in failed):
        st.markdown(":small[:yellow-badge[:material/warning: A log behind these figures failed its checks]]")
