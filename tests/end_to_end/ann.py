"""Ann, whom each log knows by another name: she consented by one address, objected as a customer, and is written to at another.

Here: what every story about her begins with, and the facts about what was done. Not here: what was done with her data, or any
expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from world import World, help_desk

from orchestration import pipeline

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
KNOWN: Mapping[str, Sequence[dict[str, Any]]] = {
    "consents": [
        {"subject_ref": "ann@example.com", "purpose_code": "news", "event_type": "given", "mechanism": "form"}
        | {"occurred_at": "2026-06-09T08:00:00Z"},
    ],
    "subject_links": [
        {"subject_ref": "ann@example.org", "other_ref": "ann@example.com", "other_ref_type": "email"}
        | {"occurred_at": "2026-06-01T08:00:00Z"},
        {"subject_ref": "ann@example.com", "other_ref": "A-17", "other_ref_type": "customer_id"}
        | {"occurred_at": "2026-06-02T08:00:00Z"},
    ],
}


def built(world: World, rows: Mapping[str, Sequence[dict[str, Any]]]) -> pipeline.Build:
    """Her consent of 9 June, her objection that was granted on 18 June, and the rows of further logs, landed and computed.

    Args:
        world: with the registers of its pack; its sources are configured here.
        rows: by log, without an id.
    """
    delivered = {**KNOWN, **rows}
    by_mail = {"defaults": {"subject_ref_type": "email"}}
    world.configure(
        help_desk("helpdesk", inbox="requests"), *(help_desk(log, inbox=log) | {"log": log} | by_mail for log in delivered)
    )
    world.request("r1", right="objection", received="2026-06-15", subject_ref="A-17").fulfilled("2026-06-18")
    for log, events in delivered.items():
        world.deliver([row | {"event_id": f"{log}-{number}"} for number, row in enumerate(events)], inbox=log)
    build = world.prepare(NOW, now=NOW)
    world.make(build, [f"fct_{log}" for log in rows])
    return build
