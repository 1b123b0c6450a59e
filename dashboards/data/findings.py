"""The worklist of findings: how many of which kind, a page of them, one with all its details.

Here: questions to `fct_findings`. Not here: their wording (views/findings/wording.py), the landed row behind one
(promisekept.publishing.provenance).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dashboards.data import names
from dashboards.data.filters import any_of, limits
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref
from promisekept.assessment.worst_first import DISTANCE, SEVERITY_RANK

SEVERITIES = ("high", "medium", "low")
"""Worst first."""

DISTANCES = f"""
    select control_id, max({DISTANCE}) as distance from marts.fct_control_results
    where period_grain = 'to_date' group by control_id
"""
"""How far each control is from its target, over everything until the snapshot."""

ORDERS = {
    "severity": f"{SEVERITY_RANK}, distance desc nulls last, occurred_at desc nulls last",
    "newest": "occurred_at desc nulls last",
    "oldest": "occurred_at nulls last",
    "seen": "first_seen_at desc nulls last",
    "area": "area, finding_code, occurred_at desc nulls last",
}
"""Order (as in the address) -> its columns. Nothing else ever reaches an ORDER BY."""


@dataclass(frozen=True, slots=True)
class FindingFilters:
    """Which findings; an empty field chooses all.

    Attributes:
        severity: one of SEVERITIES.
        area: areas, any of them.
        clause: promises, any of them.
        since: first seen on this local date or later.
        search: words that one of the columns shown of a finding holds; never its person.
        state: what is done about their group, one of finding_groups.STATES.
        owner: who it is assigned to.
        groups: the keys of the groups that state and owner choose; None = every group.
    """

    severity: str = ""
    area: tuple[str, ...] = ()
    clause: tuple[str, ...] = ()
    since: date | None = None
    search: str = ""
    state: str = ""
    owner: str = ""
    groups: tuple[str, ...] | None = None

    def by_name(self) -> dict[str, tuple[str, ...]]:
        """Every filter in force with its values, as address and export log name them."""
        named = {
            "severity": (self.severity,),
            "area": self.area,
            "clause": self.clause,
            "since": (self.since.isoformat() if self.since else "",),
            "q": (self.search,),
            "state": (self.state,),
            "owner": (self.owner,),
        }
        return {name: values for name, values in named.items() if any(values)}

    def bound(self, zone: str, controls: Mapping[str, str]) -> dict[str, Any]:
        """The values as they are bound; a promise is bound by its controls."""
        return {
            "severity": self.severity,
            "area": list(self.area),
            "every": not self.clause,
            "control": [control for control, clause in controls.items() if clause in self.clause],
            "since": self.since,
            "search": self.search.casefold(),
            "groups": None if self.groups is None else list(self.groups),
            "zone": zone,
        }


# Column by column: those of few values are looked through once per value, and the rest only where these do not hold the words.
_FOUND = " or ".join(
    f"contains(lower({column}), $search)"
    for column in ("finding_code", "word", "source", "batch_id", "event_id", "entity", "detail")
)
CHOSEN = f"""
    {any_of("area", "area")}
    and ($every or list_has_any($control::varchar[], control_ids))
    and ($since::date is null or cast(timezone($zone, first_seen_at) as date) >= $since::date)
    and ($search = '' or {_FOUND})
    and ($groups::varchar[] is null or list_contains($groups, group_key))
"""
SEVERE = "($severity = '' or severity = $severity)"


@cached
def owners(ref: Ref) -> dict[str, str]:
    """The promise that each control stands for."""
    found = rows(ref, "select control_id, min(clause_id) as clause_id from marts.fct_control_status group by control_id")
    return {row["control_id"]: row["clause_id"] for row in found}


@cached
def severities(ref: Ref, selection: FindingFilters, zone: str) -> dict[str, int]:
    """How many findings of each severity the other filters choose."""
    bound = {name: value for name, value in selection.bound(zone, owners(ref)).items() if name != "severity"}
    found = rows(ref, f"select severity, count(*) as n from marts.fct_findings where {CHOSEN} group by severity", bound)
    counts = {row["severity"]: int(row["n"]) for row in found}
    return {code: counts.get(code, 0) for code in SEVERITIES}


@cached
def kinds(ref: Ref) -> tuple[int, dict[str, int], dict[str, int]]:
    """How many findings there are: all, by area, by promise; the allow-lists of the filters."""
    found = rows(ref, "select area, control_ids, count(*) as n from marts.fct_findings group by area, control_ids")
    areas, clauses = Counter[str](), Counter[str]()
    for row in found:
        areas[row["area"]] += int(row["n"])
        for clause in clauses_of(row, owners(ref)):
            clauses[clause] += int(row["n"])
    return areas.total(), dict(sorted(areas.items())), dict(sorted(clauses.items()))


@cached
def seen_after(ref: Ref, known_at: datetime, as_of: datetime) -> int:
    """How many findings rest on a row that landed, or on an event that happened, after the instants of another snapshot."""
    sql = "select count(*) as n from marts.fct_findings where first_seen_at > $known_at or occurred_at > $as_of"
    return int(first(ref, sql, {"known_at": known_at, "as_of": as_of})["n"])


@cached
def page(ref: Ref, selection: FindingFilters, order: str, zone: str, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of the worklist; `order` is a key of ORDERS, rows are counted from 0."""
    ordered = f"order by {ORDERS[order]}, finding_key"
    # Only the rows of this page are read whole; the sort goes over few narrow columns.
    found = rows(
        ref,
        f"""
        with distances as ({DISTANCES}),

        chosen as (
            select fct_findings.rowid as place, distance, row_number() over ({ordered}) as number
            from marts.fct_findings left join distances using (control_id)
            where {CHOSEN} and {SEVERE}
            qualify number > $skipped and number <= $skipped + $size
        )

        select fct_findings.* exclude (subject_key)
        from marts.fct_findings inner join chosen on fct_findings.rowid = chosen.place
        order by chosen.number
        """,
        selection.bound(zone, owners(ref)) | limits(rows_from_to),
    )
    return _with_promises(ref, found)


@cached
def finding(ref: Ref, key: str) -> Row:
    """One finding, or an empty dictionary where there is none of that key."""
    found = rows(ref, "select * from marts.fct_findings where finding_key = $key", {"key": key})
    return _with_promises(ref, found)[0] if found else {}


@cached
def of_conflicts(ref: Ref, places: tuple[tuple[str, int], ...]) -> list[Row]:
    """The findings of events in conflicting versions, of which one landed at one of some (batch, row)."""
    found = rows(
        ref,
        """
        select * from marts.fct_findings
        where finding_code = 'conflict'
            and (batch_id, row_number) in (select (unnest($batches::varchar[]), unnest($numbers::bigint[])))
        order by occurred_at, finding_key
        """,
        {"batches": [batch for batch, _ in places], "numbers": [number for _, number in places]},
    )
    return _with_promises(ref, found)


@cached
def of_request(ref: Ref, request_key: str) -> list[Row]:
    """The findings about a request, those about its erasure and about an event of it, worst first."""
    letter = request_key.rpartition("/")[0]
    found = rows(
        ref,
        f"""
        select * from marts.fct_findings where entity in ($right, $erasure, $letter)
        order by {SEVERITY_RANK}, occurred_at, finding_key
        """,
        {"right": f"requests/{request_key}", "erasure": f"erasures/{request_key}", "letter": f"requests/{letter}"},
    )
    return _with_promises(ref, found)


def clauses_of(row: Row, controls: Mapping[str, str]) -> list[str]:
    """Every promise that a finding counts against."""
    return sorted({controls[control] for control in row["control_ids"] or [] if control in controls})


def _with_promises(ref: Ref, found: list[Row]) -> list[Row]:
    """Rows with their promises, the first of which is that of their own control, and their detail as values."""
    controls = owners(ref)
    for row in found:
        row["clause_id"], row["clauses"] = controls.get(row["control_id"]), clauses_of(row, controls)
        row["detail"] = json.loads(row["detail"]) if row["detail"] else {}
        row["named"] = names.of_things(ref, row["detail"])
    return found
