"""Which identifiers are one person, found link by link.

Here: from links to persons, by walking from each identifier to all that can be reached. Nothing is shared with the SQL.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from oracles.occurrence import by_then


def resolve(links: list[dict[str, Any]], as_of: datetime) -> dict[str, dict[str, Any]]:
    """The person of each identifier that a link names.

    Args:
        links: every row of the log, whenever it happened.
        as_of: when one looks.

    Returns:
        By subject_key: person_key, how many identifiers the person has, and the first link that names this one.
    """
    known = sorted(by_then(links, as_of), key=lambda link: (link["occurred_at"], link["namespace"], link["event_id"]))
    reaches: dict[str, set[str]] = defaultdict(set)
    first: dict[str, dict[str, Any]] = {}
    for link in known:
        one, other = link["subject_key"], link["other_key"]
        reaches[one].add(other)
        reaches[other].add(one)
        first.setdefault(one, link)
        first.setdefault(other, link)
    persons: dict[str, dict[str, Any]] = {}
    for key in list(reaches):
        if key not in persons:
            everybody = _walk(key, reaches)
            for one in everybody:
                persons[one] = {
                    "person_key": min(everybody),
                    "identifiers": len(everybody),
                    "linked_at": first[one]["occurred_at"],
                    "namespace": first[one]["namespace"],
                    "event_id": first[one]["event_id"],
                }
    return persons


def _walk(start: str, reaches: dict[str, set[str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for key in reaches[waiting.pop()] - seen:
            seen.add(key)
            waiting.append(key)
    return seen
