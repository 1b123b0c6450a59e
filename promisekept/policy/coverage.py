"""Do the parts of a pack fit together: every promise led to a figure, every code known, every rule clear.

Here: what needs more than one cell to check, each as a `PackProblem`. Not here: cells that can't be read (loading.py). A
code is checked only against a register that is there; an absent register can't be pointed at wrongly, what rests on it
is `insufficient_evidence`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise

from promisekept.policy.calendars import calendar_problem
from promisekept.policy.catalogue import OWN
from promisekept.policy.dimensions import DIMENSION_REGISTERS, DIMENSION_VALUES
from promisekept.policy.loading import Pack, Register, RegisterRow
from promisekept.policy.manifest import EEA
from promisekept.policy.problems import PackProblem, nearest, raise_problems
from promisekept.policy.registers import (
    ANY_PLACE,
    CODE_COLUMN,
    CONTROLLER,
    EEA_MEMBERS,
    NUMBERED_BY,
    REGISTERS,
)
from promisekept.policy.values import read_period

Metrics = Collection[str] | Mapping[str, Collection[str]]
LONGEST_NOTIFICATION = {"hour": 87_600, "day": 3_650, "business_day": 2_600}
"""Ten years: what is longer is mistyped."""
_OPEN_START, _OPEN_END = date.min, date.max


def check_coverage(pack: Pack, metrics: Metrics) -> list[PackProblem]:
    """Everything about a pack that does not fit together.

    Args:
        pack: as loaded.
        metrics: the metric codes of the catalogue; as a mapping, each with the dimensions that it has.

    Returns:
        The problems in order of file and line; empty where all is well.
    """
    found = [
        *_promises_lead_somewhere(pack),
        *_metrics_are_known(pack, metrics),
        *_codes_are_known(pack),
        *_keys_are_unique(pack),
        *_rules_are_clear(pack),
        *_calendars_can_be_built(pack),
        *_periods_agree(pack),
        *_notifications_are_clear(pack),
    ]
    return sorted(set(found))


def require_coverage(pack: Pack, metrics: Metrics) -> None:
    """Refuse a pack whose parts do not fit together.

    Raises:
        PackError: with every problem, each with file, line and remedy.
    """
    raise_problems(check_coverage(pack, metrics))


def _promises_lead_somewhere(pack: Pack) -> Iterator[PackProblem]:
    for name in ("clauses", "controls", "control_metrics"):
        if not pack.registers[name].present:
            yield PackProblem(f"{name}.csv", 0, "there is no such file in the pack", "`promisekept init` writes one.")
    controlled = pack.registers["controls"].codes("clause_id")
    measured = pack.registers["control_metrics"].codes("control_id")
    by_hand = {row["clause_id"] for row in pack.rows("clauses") if row["assessed_by"] == "manual"}
    for row in pack.rows("clauses"):
        if row["clause_id"] not in controlled:
            message = f"clause `{row['clause_id']}` has no control"
            yield PackProblem(row.file, row.line, message, "Add a row with this clause_id to controls.csv.")
    for row in pack.rows("controls"):
        if row["control_id"] not in measured and row["clause_id"] not in by_hand:
            message = f"control `{row['control_id']}` has no metric, and its clause is not assessed manually"
            remedy = "Add a row to control_metrics.csv, or set assessed_by to manual in clauses.csv."
            yield PackProblem(row.file, row.line, message, remedy)


def _metrics_are_known(pack: Pack, metrics: Metrics) -> Iterator[PackProblem]:
    for row in pack.rows("control_metrics"):
        code, dimension = row["metric_code"], row["dimension"]
        counted_by = set(metrics[code]) - {OWN} if isinstance(metrics, Mapping) and code in metrics else None
        if code not in metrics:
            message = f"metric_code: no metric is named `{code}`"
            yield PackProblem(row.file, row.line, message, nearest(code, metrics, "docs/metrics.md lists them all."))
        elif counted_by is not None and dimension is not None and dimension not in counted_by:
            message = f"dimension: `{code}` is not counted by `{dimension}`"
            yield PackProblem(row.file, row.line, message, f"It has: {', '.join(sorted(counted_by))}")
        yield from _values_are_known(pack, row)


def _values_are_known(pack: Pack, row: RegisterRow) -> Iterator[PackProblem]:
    dimension, value = row["dimension"], row["dimension_value"]
    message = f"dimension_value: `{value}` is no value of the dimension `{dimension}`"
    allowed: Collection[str] = DIMENSION_VALUES.get(dimension, ())
    if dimension in DIMENSION_REGISTERS:
        allowed = _codes(pack, DIMENSION_REGISTERS[dimension])
    if dimension == "jurisdiction":
        places = pack.registers["jurisdictions"].codes("jurisdiction") - {ANY_PLACE}
        if value is not None and value not in places and value.partition("-")[0] not in places:
            remedy = "Write a place as the log does (IE, US-CA), and give it a row in jurisdictions.csv."
            yield PackProblem(row.file, row.line, message, remedy)
    elif allowed and value not in allowed:
        yield PackProblem(row.file, row.line, message, nearest(value, allowed))


def _codes_are_known(pack: Pack) -> Iterator[PackProblem]:
    for definition in REGISTERS.values():
        register = pack.registers[definition.name]
        for column in definition.columns:
            target = column.refers_to
            if target is None or not pack.registers[target].present or _is_outdated(register, pack.registers[target]):
                continue
            codes = _codes(pack, target)
            for row in register.rows:
                value = row[column.name]
                for code in value if isinstance(value, tuple) else (value,):
                    if code is not None and code not in codes and code not in column.also:
                        message = f"{column.name}: `{code}` is not in {target}.csv"
                        yield PackProblem(row.file, row.line, message, nearest(code, codes))


def _is_outdated(register: Register, target: Register) -> bool:
    """The product's own rows may name what a pack's own file leaves out: then they find no rule, which is a finding."""
    return register.shipped and not target.shipped


def _keys_are_unique(pack: Pack) -> Iterator[PackProblem]:
    for definition in REGISTERS.values():
        number = NUMBERED_BY.get(definition.name)
        keys = [definition.key, (number,)] if number else [definition.key]
        for key in keys:
            groups: dict[tuple[object, ...], list[RegisterRow]] = defaultdict(list)
            for row in pack.rows(definition.name):
                groups[tuple(row[column] for column in key)].append(row)
            for row, other in (pair for rows in groups.values() for pair in _overlapping(rows, key)):
                named = ", ".join(f"{column} `{row[column]}`" for column in key)
                message = f"{named} is already given in line {other.line}, for days that overlap"
                remedy = "Remove one, or let the earlier end (valid_to) on the day on which the later begins."
                yield PackProblem(row.file, row.line, message, remedy)


def _overlapping(rows: list[RegisterRow], key: tuple[str, ...]) -> Iterator[tuple[RegisterRow, RegisterRow]]:
    if len(rows) < 2:
        return
    if key in (*((number,) for number in NUMBERED_BY.values()), ("control_id", "assessed_on")):
        yield from ((row, rows[0]) for row in rows[1:])
        return
    ordered = sorted(rows, key=lambda row: (row["valid_from"] or _OPEN_START, row.line))
    for earlier, later in pairwise(ordered):
        if (later["valid_from"] or _OPEN_START) < (earlier["valid_to"] or _OPEN_END):
            first, second = sorted((earlier, later), key=lambda row: row.line)
            yield second, first


def _rules_are_clear(pack: Pack) -> Iterator[PackProblem]:
    for row in pack.rows("regimes"):
        for message, remedy in _rule_problems(row):
            yield PackProblem(row.file, row.line, f"rule `{row['rule_id']}`: {message}", remedy)


def _rule_problems(row: RegisterRow) -> Iterator[tuple[str, str]]:
    for period in ("response", "extension", "ack"):
        if (row[f"{period}_n"] is None) != (row[f"{period}_unit"] is None):
            yield f"{period}_n and {period}_unit come together or not at all", "Fill both cells, or empty both."
    if row["extension_n"] is not None and row["extension_unit"] != row["response_unit"]:
        message = f"the extension counts in `{row['extension_unit']}`, the period in `{row['response_unit'] or ''}`"
        yield message, "Give both the same unit: an extension replaces the period and is counted from the same start."
    if row["extension_notice"] == "not_permitted" and row["extension_n"] is not None:
        yield "an extension that is not permitted has a length", "Empty extension_n, or name when its notice is due."
    if row["extension_notice"] != "not_permitted" and row["extension_n"] is None:
        yield "an extension that is permitted has no length", "Fill extension_n, or write not_permitted."
    if (row["extension_notice"] == "within_days") != (row["extension_notice_n"] is not None):
        yield "extension_notice_n belongs to within_days and to nothing else", "Fill or empty the cell."
    if row["calendar"] is None and (row["roll"] != "none" or "business_day" in (row["response_unit"], row["ack_unit"])):
        yield "it looks at holidays and names no calendar", f"Name one of calendars.csv, or {CONTROLLER}."


def _calendars_can_be_built(pack: Pack) -> Iterator[PackProblem]:
    for row in pack.rows("calendars"):
        if message := calendar_problem(row):
            yield PackProblem(row.file, row.line, f"calendar `{row['calendar']}`: {message}", "Correct the row.")


def _periods_agree(pack: Pack) -> Iterator[PackProblem]:
    for row in pack.rows("retention_schedule"):
        if row["min_period"] and row["max_period"]:
            least, most = read_period(row["min_period"]), read_period(row["max_period"])
            if timedelta(days=30 * least.months + least.days) > timedelta(days=31 * most.months + most.days):
                message = f"min_period {row['min_period']} is longer than max_period {row['max_period']}"
                yield PackProblem(row.file, row.line, message, "Keep at least as long as the law asks, and no longer.")
        if row["max_wait"] and row["trigger"] != "trigger":
            message = f"max_wait {row['max_wait']}: a period that runs from `{row['trigger']}` awaits no event"
            yield PackProblem(row.file, row.line, message, "Empty the cell, or let the period run from `trigger`.")


def _notifications_are_clear(pack: Pack) -> Iterator[PackProblem]:
    hours = pack.settings.incident_hours
    for row in pack.rows("notification_rules"):
        place, n, unit = row["jurisdiction"], row["period_n"], row["period_unit"]
        least = 0 if row["runs_from"] == "subjects_notified" else 1
        most = LONGEST_NOTIFICATION[unit]
        if not least <= n <= most:
            remedy = f"Write a number from {least} to {most}."
            yield PackProblem(row.file, row.line, f"period_n: {n} is no period in `{unit}`", remedy)
        if row["calendar"] is not None and unit != "business_day":
            message = f"calendar: a period in `{unit}` looks at no holidays"
            yield PackProblem(row.file, row.line, message, "Empty the cell, or count in business_day.")
        if row["runs_from"] == "subjects_notified" and (row["whom"] == "persons" or unit == "business_day"):
            message = "runs_from: only a period of the authority in hours or days runs from the notification of the persons"
            yield PackProblem(row.file, row.line, message, "Empty the cell: the period then runs from the detection.")
        if row["whom"] == "authority" and (place in hours or (place == EEA_MEMBERS and hours.keys() >= set(EEA))):
            message = f"the authority of `{place}` has its hours in pack.yml already"
            yield PackProblem(row.file, row.line, message, "Remove the place from incident_hours, which is short for such a row.")


def _codes(pack: Pack, register: str) -> frozenset[str]:
    return pack.registers[register].codes(CODE_COLUMN[register])
