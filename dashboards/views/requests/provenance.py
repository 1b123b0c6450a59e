"""The two tables of a request's page: how its deadline came about, and the landed rows behind it.

Here: steps and events as rows. Not here: the rest of the page (detail.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from dashboards import markdown
from dashboards.components import tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.views.requests import timeline
from promisekept.presentation import formats, labels, laws

_WITHOUT_EFFECT = {"conflict": ":material/difference: Conflict", "before_receipt": ":material/history: Before receipt"}


@guarded
def steps_table(row: dict[str, Any], steps: list[dict[str, Any]]) -> None:
    """How the deadline came about, from its trace."""
    command = f"promisekept explain {row['namespace']}:{row['request_id']}"
    read_on = max((law.read_on for law in laws.laws().get(row["regime_code"], ())), default=None)
    as_read = f"; the law as read on {formats.day(read_on)}" if read_on else ""
    with section("How the deadline came about", f"The same steps as {markdown.code(command)}{as_read}"):
        if not steps:
            nothing("No trace", "The snapshot holds no steps for this request.")
            return
        columns = (
            Column(" ", "number"),
            Column("Step", lambda step: labels.DEADLINE_STEPS.get(step["step"], labels.sentence(step["step"]))),
            Column("What was derived", "says", shown=lambda step: _says(row, step)),
            Column("Law or basis", "why", shown=lambda step: _why(row, step)),
        )
        tables.small(columns, [step | {"number": number} for number, step in enumerate(steps, 1)], most=len(steps))


def _says(row: dict[str, Any], step: dict[str, Any]) -> str:
    """The sentence of a step; of conflicting versions each is struck through, since none counts."""
    if step["step"] == "rule" and step.get("date") and step.get("rule_id"):
        right = labels.label(labels.RIGHTS, row["right_type"]).lower()
        since = formats.day(date.fromisoformat(step["date"]))
        words = f"{labels.regime(row['regime_code'])}, {right}, in force since {since}"
        return f"{markdown.plain(words)}  \n:small[{markdown.code(step['rule_id'])}]"
    sentence = str(step.get("says") or "")
    title, colon, rest = sentence.rstrip(".").partition(": ")
    if step["step"] != "conflict" or not colon:
        return markdown.plain(sentence) + timeline.verdict(step)
    struck = "; ".join(f"~~{markdown.plain(version)}~~" for version in rest.split("; "))
    return f":yellow-badge[:material/difference: {markdown.plain(title)}] {struck}"


def _why(row: dict[str, Any], step: dict[str, Any]) -> str:
    """The reason of a step; the parts of a citation lead to the official text."""
    why = str(step.get("why") or "")
    if not why or why != row.get("rule_citation"):
        return markdown.plain(why)
    return "; ".join(
        f"[{markdown.plain(part)} :material/open_in_new:]({law.url})" if law else markdown.plain(part)
        for part, law in laws.cited(row["regime_code"], why)
    )


@guarded
def events_table(landed: list[dict[str, Any]], zone: str) -> None:
    """The landed rows behind a request, in their order."""
    with section(
        "Where these rows came from",
        f"Landed rows of this request, those without effect included; times in {markdown.plain(zone)}",
    ):
        if not landed:
            nothing("No landed row", "The snapshot holds no provenance for this request.")
            return
        columns = (
            Column("Event", "event_type", shown=_event),
            Column("At", "occurred_at"),
            Column("Source", "source"),
            Column("Batch · row", tables.landed),
            *((Column("Effect", "verdict", shown=_effect),) if any(one["verdict"] != "counts" for one in landed) else ()),
        )
        tables.small(columns, landed, zone, most=len(landed))


def _event(event: dict[str, Any]) -> str:
    name = markdown.plain(labels.sentence(event.get("event_type") or event.get("event_id")))
    return name if event["verdict"] == "counts" else f"~~{name}~~"


def _effect(event: dict[str, Any]) -> str:
    badge = _WITHOUT_EFFECT.get(event["verdict"])
    return f":yellow-badge[{badge}]" if badge else ":green-badge[:material/check_circle: Counts]"
