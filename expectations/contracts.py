"""The contracts of columns, as expectations: which may not be null, and which values there are.

Here: reading the contracts of the marts (the YAML beside each model) and of the logs (sources/contract.yml), so that no suite
repeats them. Not here: suites (loading.py), or evaluating them (engine.py, rules.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from expectations.loading import Expectation, Rule, Suite, read_yaml
from promisekept.sources.contract import Log, contract

MODELS = Path(__file__).resolve().parents[1] / "dbt_project" / "models"


@dataclass(frozen=True, slots=True)
class MartContract:
    """Of one mart: the columns that are never null, and the values that a column may have; null is none of them."""

    not_null: tuple[str, ...] = ()
    accepted_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def expectations(self, guards: str) -> tuple[Expectation, ...]:
        """The contract as expectations that guard a promise."""
        return (
            *(Expectation("expect_column_values_to_not_be_null", {"column": column}, guards) for column in self.not_null),
            *(_in_set(column, values, guards) for column, values in self.accepted_values.items()),
        )


@cache
def mart_contracts(models: Path = MODELS) -> Mapping[str, MartContract]:
    """The contract of every published mart, by its name; read once in a process."""
    files = (file for folder in ("marts", "audit") for file in sorted((models / folder).rglob("*.yml")))
    return {model["name"]: _mart_contract(model) for file in files for model in read_yaml(file).get("models", ())}


def log_suite(log: Log) -> Suite:
    """What the source gate expects of the events of a log: all that its contract requires is there, and every code is known."""
    required = ["namespace", *(column.landed_name for column in log.columns if column.required and not column.unknown)]
    return Suite(
        name=log.name,
        subject=log.name,
        file=Path("promisekept/sources/contract.yml"),
        expectations=(
            *(Expectation("expect_column_values_to_not_be_null", {"column": column}, "completeness") for column in required),
            *(_in_set(column.landed_name, column.codes, "codes") for column in log.columns if column.codes),
        ),
        rules=tuple(_required_by_kind(log)),
    )


def _required_by_kind(log: Log) -> Iterator[Rule]:
    needed = defaultdict(list)
    for column in log.columns:
        for on in () if column.unknown else column.required_on:
            needed[on].append(f"{column.landed_name} is null")
    if needed:
        cases = (
            f"list_contains({list(values)}, {kind}) and ({' or '.join(missing)})" for (kind, values), missing in needed.items()
        )
        yield Rule("what an event type needs is there", f"from {{batch}} where {' or '.join(cases)}", "completeness")


def _in_set(column: str, values: tuple[str, ...], guards: str) -> Expectation:
    return Expectation("expect_column_values_to_be_in_set", {"column": column, "value_set": list(values)}, guards)


def _mart_contract(model: Mapping[str, Any]) -> MartContract:
    columns = model.get("columns", ())
    accepted = {column["name"]: column.get("config", {}).get("meta", {}).get("accepted_values") for column in columns}
    return MartContract(
        tuple(column["name"] for column in columns if {"type": "not_null"} in column.get("constraints", ())),
        {name: _values(values) for name, values in accepted.items() if values},
    )


def _values(accepted: Any) -> tuple[str, ...]:
    """A list, or `{codes: log.column}`: those of the log's contract."""
    if isinstance(accepted, dict):
        log, column = accepted["codes"].split(".")
        return contract()[log].column(column).codes
    return tuple(accepted)
