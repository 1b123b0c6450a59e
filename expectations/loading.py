"""Suites as data: read strictly, so that no expectation is ever lost on the way.

Here: the form of `suites/{marts,sources}/*.yml`, the expectation types there are, and values that only a run knows
(`{landed: units}`). Not here: evaluating (engine.py) or deciding (publish_gate.py, source_gate.py).

Great Expectations fails open: it drops a misspelt type and passes an empty suite. Therefore everything that is not
known here is an error, with the file and the remedy, before GX sees anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from promisekept.errors import PromisekeptError

SUITES = Path(__file__).resolve().parent / "suites"
QUERY = "unexpected_rows_expectation"
UNIQUE = frozenset({"expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"})
TYPES: Mapping[str, frozenset[str]] = {
    "expect_table_row_count_to_equal": frozenset({"value"}),
    "expect_table_row_count_to_be_between": frozenset({"min_value", "max_value"}),
    "expect_table_columns_to_match_set": frozenset({"column_set", "exact_match"}),
    "expect_column_values_to_not_be_null": frozenset({"column"}),
    "expect_column_values_to_be_null": frozenset({"column"}),
    "expect_column_values_to_be_unique": frozenset({"column"}),
    "expect_compound_columns_to_be_unique": frozenset({"column_list"}),
    "expect_column_values_to_be_in_set": frozenset({"column", "value_set"}),
    "expect_column_values_to_be_between": frozenset({"column", "min_value", "max_value"}),
    QUERY: frozenset({"unexpected_rows_query"}),
}
"""Every type a suite may use, with its arguments. None of them reports a value unless it is asked to."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it
_SEVERITIES = ("critical", "warning")
_KEYS = {"type", "kwargs", "severity", "meta"}
_META = {"guards", "rule", "beside_figures"}
Resolver = Callable[[Any], Any]


class GateError(PromisekeptError):
    """A suite is not what it should be; nothing was evaluated and nothing may be published."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation. `guards` is the promise behind it; `rule` says in words what a query looks for.

    Each blocks, but for a `warning` that stands beside the figures, or is about a mart whose controls are insufficient_evidence
    already (publishing/verdict.py).
    """

    type: str
    kwargs: Mapping[str, Any]
    severity: str
    guards: str
    rule: str | None
    beside_figures: bool = False

    @property
    def about(self) -> str | None:
        """Column, columns or rule: what the type alone does not say."""
        columns = self.kwargs.get("column_list")
        return self.rule or self.kwargs.get("column") or (", ".join(columns) if columns else None)


@dataclass(frozen=True, slots=True)
class Suite:
    """The expectations of one file, about one mart, log or source."""

    name: str
    subject: str
    file: Path
    expectations: tuple[Expectation, ...]


def load_suites(folder: Path, kind: str) -> dict[str, Suite]:
    """Every suite of a folder, by the mart or log that it is about.

    Args:
        folder: holds one YAML file per subject, named after it.
        kind: `mart` or `log`: the key under which a file names its subject.

    Raises:
        GateError: no suite at all, or one with an unknown key, type or argument, without expectations, without an
            expectation on the number of rows (marts), or named otherwise than its file.
    """
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise GateError(f"{folder}: there is no suite here.\n  Reinstall promisekept; it comes with its suites.")
    return {suite.subject: suite for suite in (_suite(file, kind) for file in files)}


def resolve(suite: Suite, resolvers: Mapping[str, Resolver]) -> Suite:
    """Replace every `{marker: argument}` in the arguments by what its resolver says.

    Raises:
        GateError: a marker without a resolver, or one that its resolver does not know.
    """
    return replace(
        suite,
        expectations=tuple(
            replace(
                expectation, kwargs={name: _value(suite, name, value, resolvers) for name, value in expectation.kwargs.items()}
            )
            for expectation in suite.expectations
        ),
    )


def _value(suite: Suite, name: str, value: Any, resolvers: Mapping[str, Resolver]) -> Any:
    if not isinstance(value, dict):
        return value
    marker, argument = next(iter(value.items()))
    if len(value) != 1 or marker not in resolvers:
        raise _wrong(suite.file, f"{name}: {value}: unknown value", f"Known here: {', '.join(sorted(resolvers))}.")
    try:
        return resolvers[marker](argument)
    except KeyError:
        raise _wrong(suite.file, f"{name}: {value}: this run knows no `{argument}`", "Give it, or correct the name.") from None


def _suite(file: Path, kind: str) -> Suite:
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise _wrong(file, f"this is not readable YAML ({error})", "Mend it.") from None
    if not isinstance(raw, dict) or set(raw) != {kind, "expectations"}:
        found = ", ".join(map(str, raw)) if isinstance(raw, dict) else type(raw).__name__
        raise _wrong(file, f"found {found}", f"A suite has exactly the keys `{kind}` and `expectations`.")
    subject = raw[kind]
    if subject != file.stem:
        raise _wrong(file, f"{kind}: {subject}", f"A suite is about what its file is named after: `{file.stem}`.")
    if not isinstance(raw["expectations"], list) or not raw["expectations"]:
        raise _wrong(file, "it is empty", "An empty suite would always pass: add expectations or remove the mart.")
    expectations = tuple(_expectation(file, place, item) for place, item in enumerate(raw["expectations"], start=1))
    if kind == "mart" and not any(expectation.type.startswith("expect_table_row_count") for expectation in expectations):
        raise _wrong(
            file,
            "it has no expectation on the number of rows",
            "Add expect_table_row_count_to_equal: not-null passes on an empty table.",
        )
    for place, expectation in enumerate(expectations):
        if expectation in expectations[:place]:
            raise _wrong(file, f"{expectation.type} ({expectation.about}) is given twice", "Remove one.")
    return Suite(subject, subject, file, expectations)


def _expectation(file: Path, place: int, item: Any) -> Expectation:
    where = f"expectations[{place}]"
    if not isinstance(item, dict) or set(item) != _KEYS:
        raise _wrong(file, f"{where}: {item}", f"An expectation has exactly the keys {', '.join(sorted(_KEYS))}.")
    kind, kwargs, severity, meta = item["type"], item["kwargs"], item["severity"], item["meta"]
    if kind not in TYPES:
        near = get_close_matches(str(kind), TYPES, n=1)
        raise _wrong(
            file, f"{where}: unknown type `{kind}`", f"Did you mean `{near[0]}`?" if near else f"Known: {', '.join(TYPES)}."
        )
    if not isinstance(kwargs, dict) or not kwargs or not set(kwargs) <= TYPES[kind]:
        raise _wrong(file, f"{where}: {kind}: {kwargs}", f"Its arguments are {', '.join(sorted(TYPES[kind]))}.")
    if severity not in _SEVERITIES:
        raise _wrong(file, f"{where}: severity: {severity}", f"Use one of {', '.join(_SEVERITIES)}.")
    if not isinstance(meta, dict) or not meta.get("guards") or not set(meta) <= _META:
        raise _wrong(file, f"{where}: meta: {meta}", "Say which promise it guards: {guards: CTL-...}.")
    query = kwargs.get("unexpected_rows_query")
    if kind == QUERY and (not meta.get("rule") or (isinstance(query, str) and "{batch}" not in query)):
        raise _wrong(file, f"{where}: {query}", "A query selects from {batch} and says in `meta.rule` what a row means.")
    beside_figures = meta.get("beside_figures", False)
    if not isinstance(beside_figures, bool) or (beside_figures and severity != "warning"):
        says = f"{where}: meta.beside_figures: {beside_figures}, severity: {severity}"
        raise _wrong(file, says, "Only a warning may stand beside the figures: true, or leave it out.")
    return Expectation(kind, kwargs, severity, str(meta["guards"]), meta.get("rule"), beside_figures)


def _wrong(file: Path, what: str, remedy: str) -> GateError:
    return GateError(f"{file}: {what}.\n  {remedy}")
