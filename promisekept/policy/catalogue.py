"""The figures that a control may name: the catalogue of metrics and that of findings, read and checked.

Here: which metric there is, by which dimensions it is counted, and whether each row of the two catalogues leads to a mart, a
log, a register and a figure that exist. Not here: whether a pack names them rightly (coverage.py), or how they are computed.
The catalogues are seeds of the warehouse; the caller names their place and the marts.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from promisekept.config.source import LOGS
from promisekept.policy.dimensions import DIMENSIONS
from promisekept.policy.problems import PackProblem, nearest
from promisekept.policy.registers import REGISTERS

METRICS, FINDINGS = "metric_catalogue.csv", "finding_catalogue.csv"
OWN = "own"
"""In place of the dimensions that a project declares for requests or records."""
COUNTED_BY = (*DIMENSIONS, "log", OWN)
"""What a figure may be sliced by; by `log` and one's own dimensions only what no control can name."""
EVIDENCE = "evidence"
"""In place of a metric: the finding is about a row or a file and breaks no promise. After one: also where no control has it."""

CatalogueRow = Mapping[str, str]


@dataclass(frozen=True)
class Catalogue:
    """Both catalogues, each row with the line on which it stands, and the marts that there are."""

    metrics: tuple[tuple[int, CatalogueRow], ...]
    findings: tuple[tuple[int, CatalogueRow], ...]
    marts: frozenset[str]

    @property
    def dimensions(self) -> dict[str, tuple[str, ...]]:
        """By metric, what it is counted by."""
        return {row["metric_code"]: tuple(_items(row["dimensions"])) for _, row in self.metrics}

    @property
    def problems(self) -> list[PackProblem]:
        """Every row that leads nowhere, in order of file and line."""
        return sorted({*self._of_metrics(), *self._of_findings()})

    def _of_metrics(self) -> Iterator[PackProblem]:
        codes = self.dimensions
        beside: tuple[tuple[str, Collection[str], str], ...] = (
            ("mart", self.marts, "mart"),
            ("logs", LOGS, "log"),
            ("dimensions", COUNTED_BY, "dimension"),
            ("registers", tuple(REGISTERS), "register"),
            ("strict_metric", codes, "metric"),
            ("match_log", LOGS, "log"),
        )
        seen: dict[str, int] = {}
        for line, row in self.metrics:
            code = row["metric_code"]
            if code in seen:
                yield PackProblem(METRICS, line, f"`{code}` is already given in line {seen[code]}", "Remove one of them.")
            seen.setdefault(code, line)
            for column, allowed, word in beside:
                for value in _items(row[column]):
                    if value not in allowed:
                        yield PackProblem(METRICS, line, f"{column}: `{code}` names no {word} `{value}`", nearest(value, allowed))
            for column in ("mart", "logs", "dimensions"):
                if not row[column].strip():
                    message = f"{column}: the metric `{code}` leads to none"
                    yield PackProblem(METRICS, line, message, "Name at least one, separated by semicolons.")

    def _of_findings(self) -> Iterator[PackProblem]:
        codes = self.dimensions
        for line, row in self.findings:
            code, named = row["finding_code"], metrics_of(row)
            if not named and not is_evidence(row):
                message = f"metric_code: the finding `{code}` counts against nothing"
                yield PackProblem(FINDINGS, line, message, f"Name the metric that it counts against, or write {EVIDENCE}.")
            for metric in named:
                if metric not in codes:
                    message = f"metric_code: the finding `{code}` names no metric `{metric}`"
                    yield PackProblem(FINDINGS, line, message, nearest(metric, codes))


def metrics_of(finding: CatalogueRow) -> list[str]:
    """The metrics that a finding counts against: the first that a control promises; none where it is about a row alone."""
    return [code for code in _items(finding["metric_code"]) if code != EVIDENCE]


def is_evidence(finding: CatalogueRow) -> bool:
    """Whether a finding may count against no control: it is about a row, or about what not every pack promises."""
    return EVIDENCE in _items(finding["metric_code"])


def read_catalogue(seeds: Path, marts: Collection[str]) -> Catalogue:
    """Read both catalogues.

    Args:
        seeds: the folder that holds them.
        marts: the names of the marts that are built.
    """
    return Catalogue(_rows(seeds / METRICS), _rows(seeds / FINDINGS), frozenset(marts))


def _rows(file: Path) -> tuple[tuple[int, CatalogueRow], ...]:
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        return tuple((reader.line_num, row) for row in reader)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(";") if item.strip()]
