"""Suites as data: read strictly, so that no expectation is ever lost on the way.

Here: the form of `suites/{marts,deliveries}/*.yml`, the expectation types there are, and values that only a run has
(`{landed: units}`). Not here: what the contracts declare (contracts.py), evaluating (engine.py, rules.py) or deciding
(publish_gate.py, source_gate.py).

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
from promisekept.publishing.verdict import ROW_COUNT_TYPES

SUITES = Path(__file__).resolve().parent / "suites"
TYPES: Mapping[str, frozenset[str]] = {
    "expect_table_row_count_to_equal": frozenset({"value"}),
    "expect_table_row_count_to_be_between": frozenset({"min_value", "max_value"}),
    "expect_column_values_to_not_be_null": frozenset({"column"}),
    "expect_column_values_to_be_in_set": frozenset({"column", "value_set"}),
    "expect_column_values_to_be_between": frozenset({"column", "min_value", "max_value"}),
}
"""Every type a suite may use, with its arguments. None of them reports a value unless it is asked to."""
QUERIES: Mapping[str, str] = {"where": "from {{batch}} where {0}", "query": "{0}"}
"""How a rule finds the rows that break it: those of the relation that meet a condition, or those of a query over `{batch}`."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it
_SEVERITIES = ("critical", "warning")
_OPTIONAL = {"rules", "own_words", "no_address_in"}
Resolver = Callable[[Any], Any]


class GateError(PromisekeptError):
    """A suite is not what it should be; nothing was evaluated and nothing may be published."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation of Great Expectations. `guards` is the promise behind it."""

    type: str
    kwargs: Mapping[str, Any]
    guards: str
    severity: str = "critical"

    @property
    def about(self) -> str | None:
        """The column: what the type alone does not show."""
        return self.kwargs.get("column")

    @property
    def is_about_single_rows(self) -> bool:
        """Whether it looks at the values of a column one by one, and expects the same of them in every run."""
        return self.type not in ROW_COUNT_TYPES and not any(isinstance(given, dict) for given in self.kwargs.values())


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in our own SQL: what follows `select 1 as one` finds the rows that break it, or a marker stands for it.

    It blocks, but for a `warning` that stands beside the figures, or is about a mart whose controls are insufficient_evidence
    already (publishing/verdict.py). `within`: the columns within whose values it looks at rows together, its own and those of the
    marts `beside` it, which the query calls `{name}` as it calls its own `{batch}`.
    """

    name: str
    query: str | Mapping[str, Any]
    guards: str
    severity: str = "critical"
    beside_figures: bool = False
    within: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """What is expected of one mart, log or source.

    Attributes:
        guards: the promise behind whatever names no other.
        own_words: text columns in which the organisation may name itself: they are not searched for persons.
        no_address_in: an SQL expression over long text or lists, which are searched for addresses and phone numbers.
    """

    name: str
    subject: str
    file: Path
    expectations: tuple[Expectation, ...]
    rules: tuple[Rule, ...] = ()
    guards: str = ""
    own_words: tuple[str, ...] = ()
    no_address_in: str | None = None


def read_yaml(file: Path) -> Any:
    """The content of a YAML file.

    Raises:
        GateError: it can't be read.
    """
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise _wrong(file, f"this is not readable YAML ({error})", "Fix it.") from None


def load_suites(folder: Path, kind: str) -> dict[str, Suite]:
    """Every suite of a folder, by the mart that it is about.

    Args:
        folder: holds one YAML file per subject, named after it.
        kind: `mart` or `delivery`: the key under which a file names its subject.

    Raises:
        GateError: no suite at all, or one with an unknown key, type or argument, without expectations, without an
            expectation on the number of rows (marts), or named otherwise than its file.
    """
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise GateError(f"{folder}: there is no suite here.\n  Reinstall promisekept; it comes with its suites.")
    return {suite.subject: suite for suite in (_suite(file, kind) for file in files)}


def resolve(suite: Suite, resolvers: Mapping[str, Resolver]) -> Suite:
    """Replace every `{marker: argument}` by what its resolver returns.

    Raises:
        GateError: a marker without a resolver, or one that its resolver can't resolve.
    """

    def value(name: str, given: Any) -> Any:
        return _value(suite, name, given, resolvers)

    return replace(
        suite,
        expectations=tuple(
            replace(one, kwargs={name: value(name, given) for name, given in one.kwargs.items()}) for one in suite.expectations
        ),
        rules=tuple(replace(rule, query=value(rule.name, rule.query)) for rule in suite.rules),
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
    raw = read_yaml(file)
    needed = {kind, "guards", "expectations"}
    if not isinstance(raw, dict) or not needed <= set(raw) <= needed | _OPTIONAL:
        found = ", ".join(map(str, raw)) if isinstance(raw, dict) else type(raw).__name__
        keys = f"`{kind}`, `guards` and `expectations`, and may have {', '.join(sorted(_OPTIONAL))}"
        raise _wrong(file, f"found {found}", f"A suite has the keys {keys}.")
    subject, guards = raw[kind], raw["guards"]
    if subject != file.stem:
        raise _wrong(file, f"{kind}: {subject}", f"A suite is about what its file is named after: `{file.stem}`.")
    if not isinstance(raw["expectations"], list) or not raw["expectations"]:
        raise _wrong(file, "it is empty", "An empty suite would always pass: add expectations or remove the mart.")
    expectations = tuple(_expectation(file, guards, place, item) for place, item in enumerate(raw["expectations"], start=1))
    rules = tuple(_rule(file, guards, place, item) for place, item in enumerate(raw.get("rules", ()), start=1))
    if kind == "mart" and not any(expectation.type.startswith("expect_table_row_count") for expectation in expectations):
        raise _wrong(
            file,
            "it has no expectation on the number of rows",
            "Add expect_table_row_count_to_equal: not-null passes on an empty table.",
        )
    checks = [*((one.type, one.about) for one in expectations), *(("rule", rule.name) for rule in rules)]
    for place, (name, about) in enumerate(checks):
        if (name, about) in checks[:place]:
            raise _wrong(file, f"{name} ({about}) is given twice", "Remove one.")
    return Suite(subject, subject, file, expectations, rules, guards, tuple(raw.get("own_words", ())), raw.get("no_address_in"))


def _expectation(file: Path, guards: str, place: int, item: Any) -> Expectation:
    where = f"expectations[{place}]"
    if not isinstance(item, dict) or not {"type", "kwargs"} <= set(item) <= {"type", "kwargs", "severity", "guards"}:
        raise _wrong(file, f"{where}: {item}", "An expectation has the keys type and kwargs, and may have severity and guards.")
    kind, kwargs = item["type"], item["kwargs"]
    if kind not in TYPES:
        near = get_close_matches(str(kind), TYPES, n=1)
        raise _wrong(
            file, f"{where}: unknown type `{kind}`", f"Did you mean `{near[0]}`?" if near else f"Known: {', '.join(TYPES)}."
        )
    if not isinstance(kwargs, dict) or not kwargs or not set(kwargs) <= TYPES[kind]:
        raise _wrong(file, f"{where}: {kind}: {kwargs}", f"Its arguments are {', '.join(sorted(TYPES[kind]))}.")
    return Expectation(kind, kwargs, _guarded(file, where, item.get("guards", guards)), _severity(file, where, item))


def _rule(file: Path, guards: str, place: int, item: Any) -> Rule:
    where = f"rules[{place}]"
    options = {"severity", "guards", "beside_figures", "within", "beside"}
    found = set(item) - options - {"rule"} if isinstance(item, dict) else set()
    if not isinstance(item, dict) or not item.get("rule") or len(found) != 1:
        raise _wrong(file, f"{where}: {item}", "A rule states in `rule` what a row means, and in `where` or `query` which rows.")
    (kind,) = found
    query = QUERIES[kind].format(item[kind]) if kind in QUERIES else {kind: item[kind]}
    if isinstance(query, str) and "{batch}" not in query:
        raise _wrong(file, f"{where}: {query}", "A query selects from {batch}.")
    severity, beside_figures = _severity(file, where, item), item.get("beside_figures", False)
    if not isinstance(beside_figures, bool) or (beside_figures and severity != "warning"):
        message = f"{where}: beside_figures: {beside_figures}, severity: {severity}"
        raise _wrong(file, message, "Only a warning may stand beside the figures: true, or leave it out.")
    within, beside = _names(file, where, item, "within"), _names(file, where, item, "beside")
    if missing := [mart for mart in beside if not within or f"{{{mart}}}" not in str(query)]:
        raise _wrong(file, f"{where}: beside: {missing[0]}", f"Select from {{{missing[0]}}}, and state `within` which columns.")
    return Rule(item["rule"], query, _guarded(file, where, item.get("guards", guards)), severity, beside_figures, within, beside)


def _names(file: Path, where: str, item: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = item.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        listed = {"within": "columns within whose values it looks at rows together", "beside": "other marts that it looks at"}
        raise _wrong(file, f"{where}: {key}: {names}", f"List the {listed[key]}.")
    return tuple(names)


def _guarded(file: Path, where: str, guards: Any) -> str:
    if not isinstance(guards, str) or not guards:
        raise _wrong(file, f"{where}: guards: {guards}", "Say which promise it guards: `guards: CTL-...`.")
    return guards


def _severity(file: Path, where: str, item: Mapping[str, Any]) -> str:
    severity = item.get("severity", "critical")
    if severity not in _SEVERITIES:
        raise _wrong(file, f"{where}: severity: {severity}", f"Use one of {', '.join(_SEVERITIES)}.")
    return str(severity)


def _wrong(file: Path, what: str, remedy: str) -> GateError:
    return GateError(f"{file}: {what}.\n  {remedy}")
