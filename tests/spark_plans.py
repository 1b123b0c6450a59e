"""The physical plans of a build on Spark, as Spark itself records them, and what in them would not grow with machines.

Here: reading plans that were run, without planning anything again. Not here: which relations are large (the tests).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from orchestration.spark.build import SparkBuild

RECORDED = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.maxMetadataStringLength": "4000",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.ui.retainedExecutions": "2000",
}
"""Settings by which no plan depends on sizes, one partition is not taken for all, and every plan is kept."""
_STORED = re.compile(r"/build-[^/]+/([\w.]+?)(?:\.parquet)?(?=[\],/])")
_LANDED = re.compile(r"/landing/(\w+)/")
_PAIRED = ("CartesianProduct", "BroadcastNestedLoopJoin")
_AGGREGATES = ("HashAggregate", "SortAggregate", "ObjectHashAggregate")


@dataclass
class Operator:
    """One operator of a plan.

    Attributes:
        name: in Spark's words.
        details: what Spark writes of it.
        inputs: the operators that it reads.
    """

    name: str
    details: str
    inputs: list[Operator] = field(default_factory=list)

    def walk(self) -> Iterator[Operator]:
        """This one and all below it."""
        yield self
        for one in self.inputs:
            yield from one.walk()

    @property
    def relations(self) -> set[str]:
        """What is read below it."""
        found: set[str] = set()
        for one in self.walk():
            if one.name.startswith("Scan"):
                found.update(_STORED.findall(one.details), (f"landing.{log}" for log in _LANDED.findall(one.details)))
        return found


@contextmanager
def recorded_plans() -> Iterator[list[tuple[str, str]]]:
    """The name of the model and the text of each plan that a build runs inside the block."""
    plans: list[tuple[str, str]] = []
    make = SparkBuild.make

    def made(self: SparkBuild, *arguments: Any, **options: Any) -> Any:
        results = make(self, *arguments, **options)
        session = self._relations.session
        session.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
        executions = session._jsparkSession.sharedState().statusStore().executionsList().iterator()
        while executions.hasNext():
            one = executions.next()
            plans.append((one.description(), one.physicalPlanDescription()))
        return results

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SparkBuild, "make", made)
        yield plans


def read_plan(text: str) -> list[Operator]:
    """The operators at the top of a plan and of each of its subqueries."""
    details = {found[1]: found[0] for found in re.finditer(r"^\((\d+)\) .*(?:\n.+)*", text, re.MULTILINE)}
    by_id: dict[str, Operator] = {}
    tops: list[Operator] = []
    reused: list[tuple[Operator, str]] = []
    path: list[tuple[int, Operator]] = []
    for line in text.splitlines():
        found = re.match(r"^([ :+\-*]*?)(?:\* )?([A-Z]\w+.*?) *\((\d+)\)$", line)
        if found is None or re.match(r"^\(\d+\)", line):
            continue
        depth, name, number = len(found[1].replace("*", "")), found[2], found[3]
        operator = by_id.setdefault(number, Operator(name, details.get(number, "")))
        while path and path[-1][0] >= depth:
            path.pop()
        if depth and path:
            path[-1][1].inputs.append(operator)
        else:
            tops.append(operator)
        path.append((depth, operator))
        again = re.search(r"\[Reuses operator id: (\d+)\]", operator.details)
        if again:
            reused.append((operator, again[1]))
    for operator, number in reused:
        operator.inputs.append(by_id[number])
    return tops


def unscalable(text: str, large: Collection[str]) -> set[str]:
    """What of a plan pairs all rows of two large relations, or brings all rows of one to a single task."""
    wrong: set[str] = set()
    for operator in (one for top in read_plan(text) for one in top.walk()):
        if operator.name.startswith(_PAIRED) and len(operator.inputs) == 2:
            left, right = (sorted(one.relations.intersection(large)) for one in operator.inputs)
            if left and right:
                wrong.add(f"{operator.name.split()[0]} of {', '.join(left)} and {', '.join(right)}")
        if operator.name == "Exchange" and "SinglePartition" in operator.details:
            (below,) = operator.inputs
            if operator.relations.intersection(large) and not below.name.startswith(_AGGREGATES):
                wrong.add(f"a single task for {', '.join(sorted(operator.relations.intersection(large)))}")
    return wrong
