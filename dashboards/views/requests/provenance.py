"""The two tables of a request's page: how its deadline came about, and the landed rows behind it.

Here: steps and events as rows. Not here: the rest of the page (detail.py).
"""

from __future__ import annotations

from typing import Any

from dashboards import markdown
from dashboards.components import tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.views.requests import timeline
from promisekept.presentation import labels

_WITHOUT_EFFECT = {"conflict": ":material/difference: Conflict", "before_receipt": ":material/history: Before receipt"}


@guarded
def steps_table(row: dict[str, Any], steps: list[dict[str, Any]]) -> None:
    """How the deadline came about, from its trace."""
    command = f"promisekept explain {row['namespace']}:{row['request_id']}"
    with section("How the deadline came about", f"The same steps as {markdown.code(command)}"):
        if not steps:
            nothing("No trace", "The snapshot holds no steps for this request.")
            return
        columns = (
            Column(" ", "number"),
            Column("Step", lambda step: labels.DEADLINE_STEPS.get(step["step"], labels.sentence(step["step"]))),
            Column("What happened", "says", shown=_says),
            Column("Why", "why", shown=lambda step: markdown.plain(step.get("why") or "")),
        )
        tables.small(columns, [step | {"number": number} for number, step in enumerate(steps, 1)], most=len(steps))


def _says(step: dict[str, Any]) -> str:
    """The sentence of a step; of conflicting versions each is struck through, since none counts."""
    sentence = str(step.get("says") or "")
    title, colon, rest = sentence.rstrip(".").partition(": ")
    if step["step"] != "conflict" or not colon:
        return markdown.plain(sentence) + timeline.verdict(step)
    struck = "; ".join(f"~~{markdown.plain(version)}~~" for version in rest.split("; "))
    return f":yellow-badge[:material/difference: {markdown.plain(title)}] {struck}"


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
