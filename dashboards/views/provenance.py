"""The two tables of a request's page: how its deadline came about, and the landed rows that say so.

Here: steps and events as rows. Not here: the rest of the page (request.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import notation, words
from dashboards.figures import guarded, nothing
from dashboards.views import story

_STEPS = {
    "rule": "Rule",
    "received": "Received",
    "start": "Start",
    "base_due": "Base due",
    "pause": "Pause",
    "extension": "Extension",
    "roll": "Roll",
    "due": "Due",
    "conflict": "Conflict",
    "before_receipt": "Before receipt",
    "state": "State",
}
_WITHOUT_EFFECT = {"conflict": ":material/difference: Conflict", "before_receipt": ":material/history: Before receipt"}


@guarded
def steps_table(steps: list[dict[str, Any]]) -> None:
    """How the deadline came about, as the trace tells it."""
    if not steps:
        nothing("No trace", "The snapshot holds no steps for this request.")
        return
    st.table(
        pd.DataFrame(
            [
                {
                    " ": number,
                    "Step": _STEPS.get(step["step"], words.sentence(step["step"])),
                    "What happened": notation.plain(step.get("says") or "") + story.verdict(step),
                    "Why": notation.plain(step.get("why") or ""),
                }
                for number, step in enumerate(steps, 1)
            ]
        ),
        border="horizontal",
        hide_index=True,
    )


@guarded
def events_table(landed: list[dict[str, Any]], zone: str) -> None:
    """The landed rows behind a request, in their order."""
    if not landed:
        nothing("No landed row", "The snapshot holds no provenance for this request.")
        return
    st.table(
        pd.DataFrame(
            [
                {
                    "Event": _event(event),
                    "At": notation.plain(_when(event.get("occurred_at"), zone)),
                    "Source": notation.plain(event["source"]),
                    "Batch · row": f"{notation.plain(event['batch_id'])} · {notation.count(event['row_number'])}",
                }
                for event in landed
            ]
        ),
        border="horizontal",
        hide_index=True,
    )


def _event(event: dict[str, Any]) -> str:
    name = notation.plain(words.sentence(event.get("event_type") or event.get("event_id")))
    badge = _WITHOUT_EFFECT.get(event["verdict"])
    return f"~~{name}~~  :yellow-badge[{badge}]" if badge else name


def _when(at: datetime | None, zone: str) -> str:
    return notation.instant(at, zone) if at else notation.NULL
