"""What of a pack nothing that was delivered could break: a promise that nothing can break is no promise kept.

Here: from the pack, the catalogues and how many units were at risk behind each control, which controls could not fail, which
promises rest on such controls alone, and which findings count against nobody. Not here: whether the pack's parts fit together
(coverage.py), or where the units come from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from promisekept.policy.catalogue import Catalogue, is_evidence, metrics_of
from promisekept.policy.loading import Pack, RegisterRow

Target = tuple[str, str, str, str]
"""Control, metric, dimension, its value: a row of control_metrics.csv."""

UNMISSABLE: Mapping[str, Callable[[float], bool]] = {">=": lambda target: target <= 0, ">": lambda target: target < 0}
UNMISSABLE_SHARE: Mapping[str, Callable[[float], bool]] = {"<=": lambda target: target >= 1, "<": lambda target: target > 1}


@dataclass(frozen=True, slots=True)
class Unbreakable:
    """A row of control_metrics.csv that could not fail, and why."""

    target: Target
    why: str


@dataclass(frozen=True, slots=True)
class AtRisk:
    """What of a pack could not be broken, each in the pack's order.

    Attributes:
        controls: rows that could not fail.
        promises: measured clauses of which no row could fail.
        findings: codes that a delivered log can give and that count against no control.
    """

    controls: tuple[Unbreakable, ...]
    promises: tuple[str, ...]
    findings: tuple[str, ...]


def at_risk(pack: Pack, catalogue: Catalogue, logs: Collection[str], units: Mapping[Target, int]) -> AtRisk:
    """Look for what could not be broken.

    Args:
        pack: as loaded, without problems.
        catalogue: of the metrics and findings that there are.
        logs: those that a source delivers.
        units: by target how many units were at risk in all that was delivered, those included that can't be assessed; a target
            that is not in it is assessed by its logs alone.
    """
    metrics = {row["metric_code"]: row for _, row in catalogue.metrics}
    rows = pack.rows("control_metrics")
    why = {_target(row): _why_unbreakable(row, metrics[row["metric_code"]], logs, units) for row in rows}
    clauses = {row["control_id"]: row["clause_id"] for row in pack.rows("controls")}
    breakable = {clauses.get(target[0]) for target, reason in why.items() if reason is None}
    measured = [row["clause_id"] for row in pack.rows("clauses") if row["assessed_by"] != "manual"]
    promised = {row["metric_code"] for row in rows}
    return AtRisk(
        tuple(Unbreakable(target, reason) for target, reason in why.items() if reason),
        tuple(clause for clause in measured if clause not in breakable),
        tuple(
            row["finding_code"]
            for _, row in catalogue.findings
            for named in [metrics_of(row)]
            if not is_evidence(row)
            and not promised.intersection(named)
            and any(_logs(metrics[metric]) & set(logs) for metric in named)
        ),
    )


def _why_unbreakable(
    row: RegisterRow, metric: Mapping[str, str], logs: Collection[str], units: Mapping[Target, int]
) -> str | None:
    operator, target = row["operator"], float(row["target"])
    never = [UNMISSABLE, UNMISSABLE_SHARE] if metric["statistic"] == "rate" else [UNMISSABLE]
    if any(operator in table and table[operator](target) for table in never):
        return f"no figure can miss `{operator} {row['target']}`"
    absent = sorted(_logs(metric) - set(logs))
    if absent:
        return f"no source delivers the log {', '.join(absent)}"
    if units.get(_target(row)) == 0:
        return f"no {metric['unit'] if metric['statistic'] == 'count' else 'case'} at risk in all that was delivered"
    return None


def _target(row: RegisterRow) -> Target:
    return row["control_id"], row["metric_code"], row["dimension"] or "all", row["dimension_value"] or "all"


def _logs(metric: Mapping[str, str]) -> set[str]:
    return set(metric["logs"].split(";"))
