"""Findings by what causes them: one row per group, with how many cases it has and what is done about it.

Here: `fct_findings` by `group_key`, with the state of each group. Not here: single cases (findings.py), the wording of a cause
(views/findings/wording.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from dashboards import snapshots
from dashboards.data import names
from dashboards.data.findings import CHOSEN, DISTANCES, SEVERE, FindingFilters, clauses_of, owners
from dashboards.data.query import Row, cached, rows
from dashboards.data.remediations import has_mart
from dashboards.snapshots import Ref
from promisekept.errors import PublishingError
from promisekept.presentation.statuses import REMEDIATIONS, SEVERITIES
from promisekept.publishing.reader import LACKING

STATES = ("unassigned", "overdue", "accepted", "resolved")
"""What the address may ask for; without one of them, all groups that are not resolved."""

_UNKNOWN: Row = {
    "state": "unassigned",
    "state_reason": None,
    "owner": None,
    "due_date": None,
    "overdue_days": None,
    "accepted_until": None,
}
"""What is done about a group of which nothing was recorded."""

Order = Callable[[Row], tuple[Any, ...]]
_GRAVITY = {severity: place for place, severity in enumerate(SEVERITIES)}


def _worst(row: Row) -> tuple[Any, ...]:
    distance = -1.0 if row["distance"] is None else row["distance"]
    return _GRAVITY.get(row["severity"], len(_GRAVITY)), -distance, -row["cases"], row["group_key"]


def _on(day: date | None, sign: int) -> int:
    return sign * day.toordinal() if day else 2**31


ORDERS: dict[str, Order] = {
    "severity": _worst,
    "cases": lambda row: (-row["cases"], *_worst(row)),
    "newest": lambda row: (_on(row["last_day"], -1), *_worst(row)),
    "oldest": lambda row: (_on(row["first_day"], 1), *_worst(row)),
    "due": lambda row: (_on(row["due_date"], 1), *_worst(row)),
}
"""Order, as in the address -> the key by which groups are sorted."""


@cached
def groups(ref: Ref, selection: FindingFilters, zone: str) -> list[Row]:
    """Every group with a case that severity, area, promise and search choose, worst first; state and owner choose nothing here.

    Groups that something was done about and that have no case left are among them, where severity, area and search choose them.

    Returns:
        A row per group: `group_key`, `finding_code`, `cause` (codes by name), `named` (display names of these), `word`,
        `area`, `severity`, `cases`, `first_day`, `last_day` and `first_seen_at`, `clause_id` and `clauses`, `distance` to the
        target of its control, and of what is done about it the columns of _UNKNOWN: `state` is a code of REMEDIATIONS.
    """
    every = replace(selection, state="", owner="", groups=None)
    found = rows(
        ref,
        f"""
        with distances as ({DISTANCES})

        select
            group_key, finding_code, cause, severity, area, word, count(*) as cases,
            cast(timezone($zone, min(occurred_at)) as date) as first_day,
            cast(timezone($zone, max(occurred_at)) as date) as last_day,
            min(first_seen_at) as first_seen_at,
            arg_max(control_id, (coalesce(distance, -1), control_id)) as control_id,
            list_distinct(flatten(list(control_ids))) as control_ids,
            max(distance) as distance
        from marts.fct_findings left join distances using (control_id)
        where {CHOSEN} and {SEVERE}
        group by group_key, finding_code, cause, severity, area, word
        """,
        every.bound(zone, owners(ref)),
    )
    controls, states = owners(ref), _states(ref)
    gone = without_cases(ref)
    for row in (*found, *gone):
        row["cause"] = json.loads(row["cause"] or "{}")
        row["named"] = names.of_things(ref, row["cause"])
        row["clauses"] = clauses_of(row, controls)
        row["clause_id"] = controls.get(row["control_id"]) or next(iter(row["clauses"]), None)
        row.update(states.get(row["group_key"], _UNKNOWN))
    return sorted(found + [row for row in gone if _is_chosen(row, selection)], key=_worst)


@cached
def _states(ref: Ref) -> dict[str, Row]:
    """What is done about each group; nothing for a snapshot without the mart."""
    if not has_mart(ref, "fct_remediations"):
        return {}
    columns = ", ".join(_UNKNOWN)
    return {row.pop("group_key"): row for row in rows(ref, f"select group_key, {columns} from marts.fct_remediations")}


def without_cases(ref: Ref) -> list[Row]:
    """Groups that something was done about and of which no case is left, named as the newest snapshot before names them.

    The mart is computed from what the logs hold, and these hold no such case any more. A group that no kept snapshot names has
    no finding_code, severity, area, word and cause.
    """
    unnamed = acted_without_cases(ref)
    named: dict[str, Row] = {}
    for earlier in snapshots.ids(ref):
        missing = [row["group_key"] for row in unnamed if row["group_key"] not in named]
        if missing and snapshots.sequence(earlier) < snapshots.sequence(ref.id):
            named |= _names(Ref(ref.home, earlier), missing)
    return [row | named.get(row["group_key"], {}) for row in unnamed]


def acted_without_cases(ref: Ref) -> list[Row]:
    """The same, without names; nothing for a snapshot without the mart."""
    if not has_mart(ref, "fct_remediations"):
        return []
    return rows(
        ref,
        """
        select
            group_key, finding_code, cause, severity, area, word, cases, null::date as first_day, null::date as last_day,
            first_seen_at, null::varchar as control_id, control_ids, null::double as distance
        from marts.fct_remediations where cases = 0
        """,
    )


def _names(ref: Ref, keys: list[str]) -> dict[str, Row]:
    """Group key -> what a snapshot names it; an older one may have no groups, or be damaged."""
    try:
        found = rows(
            ref,
            """
            select group_key, finding_code, cause, severity, area, word, list_distinct(flatten(list(control_ids))) as control_ids
            from marts.fct_findings where list_contains($keys, group_key) group by all
            """,
            {"keys": keys},
        )
    except (PublishingError, *LACKING):
        return {}
    return {row["group_key"]: row for row in found}


def _is_chosen(row: Row, selection: FindingFilters) -> bool:
    words = " ".join((row["finding_code"] or "", row["word"] or "", *map(str, row["cause"].values()))).casefold()
    return (
        selection.severity in ("", row["severity"])
        and (not selection.area or row["area"] in selection.area)
        and (not selection.clause or not set(row["clauses"]).isdisjoint(selection.clause))
        and selection.search.casefold() in words
    )


def in_state(found: Sequence[Row], state: str, owner: str = "") -> list[Row]:
    """The groups of a state, and of an owner; without a state all that are not resolved."""
    return [row for row in found if _is_in(row, state) and owner in ("", row["owner"])]


def counts(found: Sequence[Row]) -> dict[str, int]:
    """How many groups there are of each choice of state; the empty one are those that are not resolved."""
    states = Counter(row["state"] for row in found)
    return {"": len(found) - states["resolved"]} | {state: states[state] for state in STATES}


def named_owners(found: Sequence[Row]) -> list[str]:
    """Who groups are assigned to."""
    return sorted({row["owner"] for row in found if row["owner"]})


def listed(found: Sequence[Row], order: str, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of groups; `order` is a key of ORDERS."""
    begin, after_last = rows_from_to
    return sorted(found, key=ORDERS[order])[begin:after_last]


@cached
def group(ref: Ref, key: str, zone: str) -> Row:
    """One group with all its cases, or an empty dictionary where neither a finding nor an act has that key."""
    return next((row for row in groups(ref, FindingFilters(), zone) if row["group_key"] == key), {})


def _is_in(row: Row, state: str) -> bool:
    return row["state"] == state if state else row["state"] in REMEDIATIONS and row["state"] != "resolved"
