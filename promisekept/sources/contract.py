"""The contract of the ten logs, read from contract.yml into frozen values.

Here: which columns a log has, of which kind, when one may be null, and what a landed file looks like. Not here: how a
value is checked (landing/validation.py) or where it comes from. A column is added by a line in contract.yml, not by code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

ColumnKind = Literal[
    "text",
    "code",
    "list",
    "place",
    "country",
    "uri",
    "instant",
    "integer",
    "revision",
    "boolean",
    "date",
    "date_text",
    "subject",
]
SQL_TYPES: Mapping[str, str] = {
    "list": "VARCHAR[]",
    "instant": "TIMESTAMPTZ",
    "integer": "BIGINT",
    "revision": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
}
GREATEST = 2**63 - 1
DIMENSIONS = "dimensions"
"""The landed column with the values of a project's own dimensions, as JSON by name; null where none is stated."""
LONGEST_OF_DIMENSION = 100
PROVENANCE: Mapping[str, str] = {
    "source": "VARCHAR",
    "batch_id": "VARCHAR",
    "key_id": "VARCHAR",
    "landed_at": "TIMESTAMPTZ",
    "row_number": "BIGINT",
    "collides": "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class LogColumn:
    """One column of a log.

    `required_on` lists (column, values) pairs: null is rejected on the rows that match one. `unknown`: of a boolean, whether a
    log may record that it is unknown; that lands as null. `longest`: of a text, how many characters it may have.
    """

    name: str
    kind: ColumnKind
    codes: tuple[str, ...] = ()
    required: bool = False
    required_on: tuple[tuple[str, tuple[str, ...]], ...] = ()
    default: str | None = None
    least: int = 0
    most: int = GREATEST
    unknown: bool = False
    longest: int | None = None

    @property
    def sql_type(self) -> str:
        """Its type in a landed file."""
        return SQL_TYPES.get(self.kind, "VARCHAR")

    @property
    def landed_name(self) -> str:
        """Its name in a landed file: a person lands as a key."""
        return self.name.removesuffix("_ref") + "_key" if self.kind == "subject" else self.name


@dataclass(frozen=True, slots=True)
class Log:
    """One log: the columns that a source may deliver, in the order in which they land; `life` names those that identify one.

    `has_dimensions`: a project may declare dimensions of its own; `dimensions`: those that it declares, with their columns.
    """

    name: str
    columns: tuple[LogColumn, ...]
    life: tuple[str, ...]
    has_dimensions: bool = False
    dimensions: tuple[tuple[str, str], ...] = ()

    def with_dimensions(self, declared: tuple[tuple[str, str], ...]) -> Log:
        """The same log with a column for each (dimension, column) that a project declares; they land together as one text."""
        if not declared:
            return self
        own = tuple(LogColumn(column, "text", longest=LONGEST_OF_DIMENSION) for _, column in declared)
        return replace(self, columns=(*self.columns, *own), dimensions=declared)

    def column(self, name: str) -> LogColumn:
        """The column of that name; KeyError where the log has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which a source delivers them."""
        return tuple(column.name for column in self.columns)

    @property
    def subjects(self) -> tuple[LogColumn, ...]:
        """The columns that hold a person."""
        return tuple(column for column in self.columns if column.kind == "subject")

    @property
    def content(self) -> dict[str, str]:
        """Name and SQL type of what makes two rows the same, beside namespace."""
        own = {column for _, column in self.dimensions}
        landed = {column.landed_name: column.sql_type for column in self.columns if column.name not in own}
        return landed | ({DIMENSIONS: "VARCHAR"} if self.has_dimensions else {})

    @property
    def defaults(self) -> dict[str, str]:
        """By landed column, what null means there; of the kind of an identifier it means that there is no person."""
        kinds = {type_column(subject) for subject in self.subjects}
        return {column.name: column.default for column in self.columns if column.default is not None and column.name not in kinds}

    @property
    def landed(self) -> dict[str, str]:
        """Name and SQL type of every column of a landed file, in order."""
        return {"namespace": "VARCHAR", **self.content, **PROVENANCE}


def type_column(subject: LogColumn) -> str:
    """The column with the kind of identifier of a subject column."""
    return f"{subject.name}_type"


@cache
def contract() -> Mapping[str, Log]:
    """All ten logs by name."""
    text = resources.files(__package__).joinpath("contract.yml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)
    return {
        name: Log(name, tuple(_columns(raw, log)), tuple(log["life"]), log.get("dimensions", False))
        for name, log in raw["logs"].items()
    }


def code_lists() -> dict[str, dict[str, Any]]:
    """What the models read of the contract: per log its life, and its columns with their codes (none where it is open)."""
    return {
        log.name: {"life": list(log.life), "columns": {column.name: list(column.codes) for column in log.columns}}
        for log in contract().values()
    }


def _columns(raw: Mapping[str, Any], log: Mapping[str, Any]) -> Iterator[LogColumn]:
    for name, spec in raw["common"].items():
        yield _column(name, spec)
    if "subject" in log:
        for name, spec in raw["subject"].items():
            required = {"required": log["subject"]} if spec["kind"] == "subject" else {}
            yield _column(name, spec | required)
    for name, spec in log["columns"].items():
        yield _column(name, spec)


def _column(name: str, spec: Mapping[str, Any]) -> LogColumn:
    required = spec.get("required", False)
    return LogColumn(
        name=name,
        kind=spec["kind"],
        codes=tuple(spec.get("codes", ())),
        required=required is True,
        required_on=tuple((on, tuple(values)) for on, values in required.items()) if isinstance(required, dict) else (),
        default=spec.get("default"),
        least=spec.get("least", 0),
        most=spec.get("most", GREATEST),
        unknown=spec.get("unknown", False),
        longest=spec.get("longest"),
    )
