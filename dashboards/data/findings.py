"""The worklist of findings: how many of which kind, a page of them, one with all that is known of it.

Here: questions to `fct_findings`. Not here: their wording (views/finding_words.py), the landed row behind one
(promisekept.publishing.landed).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref

SEVERITIES = ("high", "medium", "low")
"""Worst first."""

ORDERS = {
    "severity": "list_position($severities::varchar[], severity), occurred_at desc nulls last",
    "newest": "occurred_at desc nulls last",
    "oldest": "occurred_at nulls last",
    "seen": "first_seen_at desc nulls last",
    "area": "area, finding_code, occurred_at desc nulls last",
}
"""Order (as in the address) -> its columns. Nothing else ever reaches an ORDER BY."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which findings; an empty field chooses all.

    Attributes:
        severity: one of SEVERITIES.
        area: areas, any of them.
        clause: promises, any of them.
        since: first seen on this local date or later.
        search: words that what is shown of a finding holds; never its person.
    """

    severity: str = ""
    area: tuple[str, ...] = ()
    clause: tuple[str, ...] = ()
    since: date | None = None
    search: str = ""

    def by_name(self) -> dict[str, tuple[str, ...]]:
        """Every filter in force with its values, as address and export log name them."""
        since = (self.since.isoformat(),) if self.since else ()
        named = {"severity": (self.severity,) if self.severity else (), "area": self.area, "clause": self.clause}
        return {
            name: values
            for name, values in (named | {"since": since, "q": tuple(filter(None, (self.search,)))}).items()
            if values
        }

    def bound(self, zone: str) -> dict[str, Any]:
        """The values as they are bound."""
        return {
            "severity": self.severity,
            "area": list(self.area),
            "clause": list(self.clause),
            "since": self.since,
            "search": self.search.casefold(),
            "zone": zone,
            "severities": list(SEVERITIES),
        }


_CLAUSES = """
    owners as (select control_id, min(clause_id) as clause_id from marts.fct_control_status group by control_id),
    promised as (
        select control_ids, list_sort(list(distinct clause_id)) as clauses
        from (select control_ids, unnest(control_ids) as control_id from (select distinct control_ids from marts.fct_findings))
        inner join owners using (control_id)
        group by control_ids
    ),
    findings as (
        select f.*, owners.clause_id, coalesce(promised.clauses, []) as clauses
        from marts.fct_findings f
        left join owners on f.control_id = owners.control_id
        left join promised on f.control_ids = promised.control_ids
    )
"""
"""SQL: every finding with the promise it counts against first, and all of them."""

_CHOSEN = """
    (len($area::varchar[]) = 0 or list_contains($area::varchar[], area))
    and (len($clause::varchar[]) = 0 or list_has_any($clause::varchar[], clauses))
    and ($since::date is null or cast(timezone($zone, first_seen_at) as date) >= $since::date)
    and ($search = '' or contains(
        lower(concat_ws(' ', finding_code, word, entity, event_id, source, batch_id, detail, array_to_string(clauses, ' '))),
        $search
    ))
"""
_SEVERE = "($severity = '' or severity = $severity)"


@cached
def severities(ref: Ref, asked: Asked, zone: str) -> dict[str, int]:
    """How many findings of each severity the other filters choose."""
    bound = {name: value for name, value in asked.bound(zone).items() if name not in ("severity", "severities")}
    found = rows(ref, f"with {_CLAUSES} select severity, count(*) as n from findings where {_CHOSEN} group by severity", bound)
    counts = {row["severity"]: int(row["n"]) for row in found}
    return {code: counts.get(code, 0) for code in SEVERITIES}


@cached
def kinds(ref: Ref) -> tuple[int, dict[str, int], dict[str, int]]:
    """How many findings there are: all, by area, by promise; the allow-lists of the filters."""
    found = rows(
        ref,
        f"""
        with {_CLAUSES}
        select 'area' as kind, area as value, count(*) as n from findings group by area
        union all
        select 'clause', unnest(clauses), count(*) from findings group by 2
        order by kind, value
        """,
    )
    areas = {row["value"]: int(row["n"]) for row in found if row["kind"] == "area"}
    clauses = {row["value"]: int(row["n"]) for row in found if row["kind"] == "clause" and row["value"]}
    return sum(areas.values()), areas, clauses


@cached
def seen_after(ref: Ref, instant: datetime) -> int:
    """How many findings rest on a row that landed after an instant."""
    return int(first(ref, "select count(*) as n from marts.fct_findings where first_seen_at > $at", {"at": instant})["n"])


def _listed(asked: Asked, order: str, zone: str) -> tuple[str, dict[str, Any]]:
    ordered = ORDERS[order]
    bound = asked.bound(zone)
    if "$severities" not in ordered:
        del bound["severities"]
    return (
        f"""
        with {_CLAUSES}
        select * exclude (subject_key) from findings where {_CHOSEN} and {_SEVERE} order by {ordered}, finding_key
        """,
        bound,
    )


@cached
def page(ref: Ref, asked: Asked, order: str, zone: str, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of the worklist; `order` is a key of ORDERS, rows are counted from 0."""
    question, bound = _listed(asked, order, zone)
    limits = {"size": rows_from_to[1] - rows_from_to[0], "skipped": rows_from_to[0]}
    return _parsed(rows(ref, f"{question} limit $size offset $skipped", bound | limits))


def every(ref: Ref, asked: Asked, order: str, zone: str) -> list[Row]:
    """All rows of the worklist, to be taken away; asked for once, so nothing is kept of them."""
    return _parsed(rows(ref, *_listed(asked, order, zone)))


@cached
def finding(ref: Ref, key: str) -> Row:
    """One finding, or an empty dictionary where there is none of that key."""
    found = rows(ref, f"with {_CLAUSES} select * from findings where finding_key = $key", {"key": key})
    return _parsed(found)[0] if found else {}


def _parsed(found: list[Row]) -> list[Row]:
    for row in found:
        row["detail"] = json.loads(row["detail"]) if row["detail"] else {}
    return found
