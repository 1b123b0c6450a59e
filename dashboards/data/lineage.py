"""From a promise to the sources that decide it: the steps, and what each rests on.

Here: promise -> control -> metric -> model -> source as nodes and edges, from rows that other questions gave. Not here:
drawing them (charts/graph.py), or defining one (views/traceability/definition.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboards.data import promises, quality
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref, Snapshot
from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.periods import Period

KINDS = ("promise", "control", "metric", "model", "source")
"""The steps, in order."""


@dataclass(frozen=True, slots=True)
class LineageNode:
    """One step.

    Attributes:
        id: what the address calls it, `metric:deadline_adherence:right_type:erasure`.
        kind: one of KINDS.
        name: what it is called: of a metric its name and the part of the population that it is measured on.
        state: its state as a word or a figure.
        glyph: the shape of that state; empty where it has none.
        colour: of the theme; gray where nothing is assessed.
        row: the row that it stands for.
    """

    id: str
    kind: str
    name: str
    state: str
    glyph: str = ""
    colour: str = "gray"
    row: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)

    @property
    def code(self) -> str:
        """What marts, pack and configuration call it."""
        return self.id.partition(":")[2]

    @property
    def summary(self) -> str:
        """Shape and state in one."""
        return f"{self.glyph} {self.state}".strip()


@dataclass(frozen=True, slots=True)
class Lineage:
    """The steps of one promise, those of a kind in order, and which rests on which."""

    nodes: tuple[LineageNode, ...]
    edges: tuple[tuple[str, str], ...]

    def of(self, kind: str) -> list[LineageNode]:
        """The steps of one kind."""
        return [node for node in self.nodes if node.kind == kind]

    def node(self, name: str) -> LineageNode:
        """The step of that id."""
        return next(node for node in self.nodes if node.id == name)

    @property
    def deciding(self) -> LineageNode:
        """The step to look at first: the measure that decides the promise, else its control, else the promise."""
        return (self.of("metric") or self.of("control") or self.of("promise"))[0]

    def beside(self, name: str) -> set[str]:
        """Every step that leads to one or that it leads to, itself included."""
        found = {name}
        for direction in (self.edges, tuple((end, start) for start, end in self.edges)):
            reached = {name}
            while new := {end for start, end in direction if start in reached} - reached:
                reached |= new
            found |= reached
        return found


@cached
def clauses(ref: Ref) -> dict[str, str]:
    """Every promise and its words, in order of its id."""
    return {row["clause_id"]: row["promise"] for row in rows(ref, "select clause_id, promise from marts.dim_clauses order by 1")}


@cached
def metric(ref: Ref, code: str) -> Row:
    """What a metric is, or an empty dictionary."""
    return first(ref, "select * from marts.dim_metrics where metric_code = $code", {"code": code})


@cached
def counted_from(ref: Ref, mart: str) -> list[Row]:
    """The metrics that are counted from a mart: `metric_code, name`."""
    return rows(
        ref,
        "select metric_code, name from marts.dim_metrics where list_contains(string_split(mart, ';'), $mart) order by name",
        {"mart": mart},
    )


def lineage(snapshot: Snapshot, clause: str, period: Period) -> Lineage:
    """The steps of one promise as it stands in a period."""
    ref = snapshot.ref
    about, measures = promises.promise(ref, clause, period)
    verdict = next((row for row in promises.promises(ref, period) if row["clause_id"] == clause), about)
    nodes: dict[str, LineageNode] = {}
    edges: set[tuple[str, str]] = set()

    def add(node: LineageNode) -> str:
        nodes.setdefault(node.id, node)
        return node.id

    word = statuses.VERDICTS[verdict["status"]]
    top = add(LineageNode(f"promise:{clause}", "promise", clause, word.text, word.glyph, word.colour, {**about, **verdict}))
    for control in _controls(about, measures):
        own = [row for row in measures if row["control_id"] == control]
        middle = add(_control(control, own))
        edges.add((top, middle))
        for row in own:
            if row["metric_code"] is None:
                continue
            catalogued = metric(ref, row["metric_code"])
            measure = add(_metric(row, catalogued))
            edges.add((middle, measure))
            edges |= _below(snapshot, add, measure, catalogued)
    return Lineage(tuple(sorted(nodes.values(), key=lambda node: KINDS.index(node.kind))), tuple(sorted(edges)))


def _controls(about: Row, measures: Iterable[Row]) -> list[str]:
    named = about.get("control_ids") or []
    return list(dict.fromkeys([*(row["control_id"] for row in measures), *named]))


def _control(control: str, measures: list[Row]) -> LineageNode:
    if not measures:
        return LineageNode(
            f"control:{control}", "control", control, "no target in force", statuses.VERDICTS["not_applicable"].glyph
        )
    word = statuses.VERDICTS[measures[0]["status"]]
    return LineageNode(
        f"control:{control}", "control", control, word.text, word.glyph, word.colour, {**measures[0], "of": len(measures)}
    )


def _metric(row: Row, about: Row) -> LineageNode:
    name, where = about.get("name") or row["metric_code"], ""
    if row["dimension"] not in (None, "all"):
        name += f" · {labels.dimension_value(row['dimension'], row['dimension_value'])}"
        where = f":{row['dimension']}:{row['dimension_value']}"
    word = statuses.VERDICTS[row["status"]]
    value = formats.measured(row["value"], row["unit"], row["target"])
    target = formats.target(row["operator"], row["target"], row["unit"])
    state = f"{value}, target {target}" if row["value"] is not None else word.text
    return LineageNode(f"metric:{row['metric_code']}{where}", "metric", name, state, word.glyph, word.colour, row)


def _below(snapshot: Snapshot, add: Callable[[LineageNode], str], measure: str, about: Row) -> set[tuple[str, str]]:
    """The marts that a metric is counted from, and the sources of its logs."""
    if not about or about["mart"] is None:
        return set()
    edges: set[tuple[str, str]] = set()
    for mart in about["mart"].split(";"):
        number = snapshot.manifest["tables"].get(mart, {}).get("rows")
        state = "not in this snapshot" if number is None else formats.plural(number, "row")
        model = add(LineageNode(f"model:{mart}", "model", mart, state, row={"mart": mart, "rows": number}))
        edges.add((measure, model))
        for log in about["logs"] or ():
            edges |= {(model, add(node)) for node in _sources(snapshot, log)}
    return edges


def _sources(snapshot: Snapshot, log: str) -> list[LineageNode]:
    own = [row for row in quality.sources(snapshot.ref) if row["log"] == log]
    if not own:
        word = statuses.CHECKS["not_configured"]
        return [LineageNode(f"source:log {log}", "source", f"log {log}", word.text, word.glyph, "yellow", {"log": log})]
    return [_source(row, snapshot) for row in own]


def _source(row: Row, snapshot: Snapshot) -> LineageNode:
    word = statuses.CHECKS[quality.freshness(row)]
    # When it delivered last, not what date its newest event bears: that may be mistyped.
    last = row["last_landed_at"]
    when = f", {formats.local_day(last, snapshot.zone)}" if last else ", no delivery yet"
    return LineageNode(f"source:{row['source']}", "source", row["source"], word.text + when, word.glyph, word.colour, row)
