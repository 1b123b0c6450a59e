"""What stands beside a figure: its verdict, its target, whether a log behind it failed, and how well the logs match.

Here: those few words, the same on every page that has them. Not here: the figures (the pages ask data/ for them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashboards import notation, words
from dashboards.data import measures
from dashboards.data.measures import Measure
from dashboards.figures import Card
from dashboards.page import Page

Verdict = Mapping[str, Any]


def card(name: str, value: str, note: str, verdict: Verdict | None, *, narrowed: bool, help: str | None = None) -> Card:
    """A figure with the verdict on its promise; none where filters narrow it, for the promise is about all.

    Beside a value there is room for one short word; what is more to say stands in the note.
    """
    if verdict is None or narrowed:
        return Card(name, value, note, help=help)
    word = words.PROMISES[verdict["status"]]
    short, more = {
        "met_within_tolerance": ("Kept", f"with {notation.count(verdict['breaches'])} exceptions"),
        "met_on_main_reading": ("Kept", "on the main reading only"),
        "insufficient_evidence": ("", "not assessable"),
    }.get(verdict["status"], (word.text, ""))
    badge = word.badge(short) if short else f":{word.colour}-badge[:material/{word.icon}:]"
    return Card(name, value, f"{note} · {more}" if more else note, badge=badge, help=reason(verdict, help))


def reason(verdict: Verdict, otherwise: str | None = None) -> str | None:
    """Why a verdict is not simply kept or missed, for the question mark beside a figure's name."""
    told = notation.plain(words.sentence(verdict["reason"])) if verdict["reason"] else ""
    return ". ".join(part for part in (told, otherwise) if part) or None


def aim(verdict: Verdict | None) -> str:
    """` · target ≥ 98%`, or nothing where no promise sets one."""
    return f" · target {target(verdict)}" if verdict and verdict["target"] is not None else ""


def target(verdict: Verdict) -> str:
    """`≥ 98%`, in the unit of the metric."""
    return notation.target(verdict["operator"], float(verdict["target"]), verdict["unit"])


def goal(verdict: Verdict | None) -> float | None:
    """The number that a value is held against."""
    return None if verdict is None or verdict["target"] is None else float(verdict["target"])


def worst(name: str, measure: Measure, verdict: Verdict | None) -> str:
    """`Within policy at worst 98.1%`, where the worst reading is another one; else nothing."""
    if measure.worst is None or measure.worst == measure.value:
        return ""
    return f"{name} at worst {notation.measured(measure.worst, measure.unit, goal(verdict))}"


def warning(logs: str, found: Iterable[Measure]) -> str:
    """A badge where a log that feeds one of the figures failed its checks."""
    failed = any(measure.doubted for measure in found)
    return f":yellow-badge[:material/warning: One of the logs failed its checks: {logs}]" if failed else ""


def matched(page: Page, logs: Iterable[str]) -> str:
    """How many of the persons who stopped something or were erased each log knows: what a figure between logs is worth."""
    rates = measures.match_rates(page.ref)
    told = [
        f"{notation.rate(rates[log].value)} in {log} ({notation.out_of(rates[log].numerator, rates[log].denominator)})"
        for log in logs
        if log in rates
    ]
    if not told:
        return "**Match rate** unknown: nobody has stopped anything yet, so no person can be looked for in another log"
    return f"**Match rate** {', '.join(told)}, of the persons who stopped something or were erased, found by any identifier"


def uncounted(verdicts: Mapping[str, Verdict]) -> str:
    """Names that a figure rests on rows that no independent count confirms."""
    return (
        "No control total confirms all rows"
        if any(not verdict["has_control_total"] for verdict in verdicts.values() if verdict["has_control_total"] is not None)
        else ""
    )
