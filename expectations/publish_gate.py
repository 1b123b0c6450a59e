"""The publish gate: may this candidate be shown to anybody? The only gate that blocks.

Here: which suites and contracts go with which marts, the search for persons in every text, and the verdict on the candidate.
Not here: the expectations and rules themselves (suites/marts/*.yml, contracts.py) or what follows from a rejection
(promisekept/publishing/store.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import partial
from pathlib import Path

from expectations import rules
from expectations.contracts import MartContract, mart_contracts
from expectations.engine import Evaluate, SuiteTask, evaluate
from expectations.loading import SUITES, Expectation, GateError, Resolver, Rule, Suite, load_suites, resolve
from promisekept.policy.thresholds import Value, read_thresholds
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.content import INSERTED, SCHEMA, mart_columns
from promisekept.publishing.reader import open_hardened
from promisekept.publishing.verdict import SuiteResult, Verdict, check_name
from promisekept.sources.personal_data import EMAIL, PATTERN, PHONE, looks_personal

NOBODY = "no text looks like a person"
NO_ADDRESS = "no address or phone number in a list or a long text"
_MANY = 100_000


@dataclass(frozen=True, slots=True)
class InsertedRows:
    """The rows that a build inserted into marts, whose other rows stood in a candidate that passed this gate.

    Attributes:
        file: the database that keeps them in its schema `inserted`; only read.
        passed: by mart, the names of the checks that all of its other rows passed.
        replaced_by: by mart, the keys of which they are all the rows that there are now, where that is known.
    """

    file: Path
    passed: Mapping[str, Collection[str]]
    replaced_by: Mapping[str, rules.ReplacedBy] = field(default_factory=dict)


def run_publish_gate(
    candidate: Candidate,
    expected: Mapping[str, int],
    suites: Path = SUITES / "marts",
    evaluate: Evaluate = evaluate,
    *,
    engine: Mapping[str, str] | None = None,
    thresholds: Mapping[str, Value] | None = None,
    contracts: Mapping[str, MartContract] | None = None,
    inserted: InsertedRows | None = None,
) -> Verdict:
    """Evaluate the suites on a finished candidate.

    Args:
        candidate: the closed file; only read.
        expected: numbers of rows from landing, counted without the models; suites refer to them by name.
        suites: the folder of suites, one file per mart.
        evaluate: what evaluates, in this process or beside it.
        engine: what DuckDB may take of the machine (`settings.engine.config`).
        thresholds: those of the pack in force; the defaults where none are given. Suites refer to them by name.
        contracts: of the marts, by name; those of the models where none are given.
        inserted: the rows to which checks of single rows are put alone; none: to all rows.

    Returns:
        The verdict, bound to the candidate's hashes. A mart without a suite and a suite without a mart both make it
        negative.

    Raises:
        GateError: a suite can't be read, or its mart has no contract; nothing was evaluated.
    """
    loaded = load_suites(suites, "mart")
    declared = mart_contracts() if contracts is None else contracts
    resolvers = _resolvers(expected, read_thresholds(thresholds or {}))
    with open_hardened(candidate.file, engine=engine) as connection:
        columns = mart_columns(connection, candidate.file.stem)
        stated = [
            _with_contract(suite, declared, columns[mart], many=candidate.tables[mart].rows >= _MANY)
            for mart, suite in loaded.items()
            if mart in columns
        ]
    from expectations.dialect import snapshot_url

    whole = [resolve(suite, resolvers) for suite in stated]
    changed = _inserted(inserted) if inserted else {}
    kept = inserted.file if inserted and changed else None
    of_single_rows = [_known(suite, changed.get(suite.subject)) for suite in stated]
    url = snapshot_url(candidate.file, engine, inserted=kept)

    def evaluate_rules() -> list[SuiteResult]:
        with open_hardened(candidate.file, inserted=kept, engine=engine) as connection:
            return [rules.evaluate(connection, suite, f"{SCHEMA}.{suite.subject}", changed) for suite in whole]

    results = _evaluate_both(
        partial(_evaluate_expectations, evaluate, url, whole, of_single_rows, changed),
        evaluate_rules,
        side_by_side=any(rows.passed for rows in changed.values()),
    )
    return Verdict(
        content_hash=candidate.content_hash,
        file_sha256=candidate.sha256,
        as_of=candidate.provenance.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        suites=(*results, *(_not_there(suite) for mart, suite in loaded.items() if mart not in columns)),
        missing=tuple(sorted(set(columns) - set(loaded))),
    )


def _evaluate_both(
    expectations: Callable[[], list[SuiteResult]], of_rules: Callable[[], list[SuiteResult]], *, side_by_side: bool
) -> list[SuiteResult]:
    """The expectations and the rules of each suite; of all rows one after the other: each may need what the settings allow."""
    if side_by_side:
        with ThreadPoolExecutor(1) as beside:
            expected = beside.submit(expectations)
            ruled = of_rules()
        found = expected.result()
    else:
        found, ruled = expectations(), of_rules()
    return [one.joined(other) for one, other in zip(found, ruled, strict=True)]


def _inserted(rows: InsertedRows) -> dict[str, rules.Inserted]:
    return {
        mart: rules.Inserted(f"inserted.{INSERTED}.{mart}", passed, rows.replaced_by.get(mart))
        for mart, passed in rows.passed.items()
    }


def _known(suite: Suite, inserted: rules.Inserted | None) -> frozenset[int]:
    """The places of the expectations of single rows that all rows but the inserted ones passed."""
    return frozenset(
        place
        for place, one in enumerate(suite.expectations)
        if inserted and one.is_about_single_rows and check_name(one.type, one.about) in inserted.passed
    )


def _evaluate_expectations(
    evaluate: Evaluate,
    url: str,
    suites: Sequence[Suite],
    of_single_rows: Sequence[Collection[int]],
    inserted: Mapping[str, rules.Inserted],
) -> list[SuiteResult]:
    """Evaluate the expectations of each suite, those in the places `of_single_rows` on inserted rows, all others on the mart."""
    on_mart, on_inserted = [], {}
    for suite, places in zip(suites, of_single_rows, strict=True):
        parts: tuple[list[Expectation], list[Expectation]] = ([], [])
        for place, one in enumerate(suite.expectations):
            parts[place in places].append(one)
        on_mart.append(SuiteTask(replace(suite, expectations=tuple(parts[0])), SCHEMA, suite.subject))
        if places:
            rows = f"select * from {inserted[suite.subject].relation}"
            on_inserted[suite.subject] = SuiteTask(replace(suite, expectations=tuple(parts[1])), SCHEMA, suite.subject, rows)
    tasks = [*on_mart, *on_inserted.values()]
    found = evaluate(url, tasks) if tasks else []
    changed = dict(zip(on_inserted, found[len(suites) :], strict=True))
    return [
        _in_order(result, changed[suite.subject], places) if places else result
        for suite, result, places in zip(suites, found[: len(suites)], of_single_rows, strict=True)
    ]


def _in_order(on_mart: SuiteResult, on_inserted: SuiteResult, places: Collection[int]) -> SuiteResult:
    """The result of a suite of which the expectations in these places were evaluated on inserted rows."""
    marts, rows = iter(on_mart.checks), (replace(check, changed_only=True) for check in on_inserted.checks)
    whole = on_mart.joined(on_inserted)
    return replace(whole, checks=tuple(next(rows if place in places else marts) for place in range(whole.declared)))


def _with_contract(suite: Suite, contracts: Mapping[str, MartContract], columns: Mapping[str, str], *, many: bool) -> Suite:
    """A suite with the expectations of its mart's contract, and with the search for persons that every mart is put to."""
    if suite.subject not in contracts:
        raise GateError(f"{suite.file}: the mart has no contract.\n  Describe {suite.subject} in a YAML beside its model.")
    searches = [Rule(NOBODY, _no_identifier(columns, suite.own_words, many=many), "privacy")]
    if suite.no_address_in:
        searches.append(Rule(NO_ADDRESS, _no_address(suite.no_address_in), "privacy"))
    return replace(
        suite,
        expectations=(*suite.expectations, *contracts[suite.subject].expectations(suite.guards)),
        rules=(*suite.rules, *searches),
    )


def _resolvers(expected: Mapping[str, int], thresholds: Mapping[str, Value]) -> dict[str, Resolver]:
    return {
        "landed": lambda name: expected[name],
        "one_if_landed": lambda name: min(expected[name], 1),
        "above_share": lambda wanted: _above_share(wanted["where"], thresholds[wanted["threshold"]]),
    }


def _above_share(condition: str, share: Value) -> str:
    """The rows of a condition, if they are more than that share of all."""
    return (
        f"from {{batch}} where {condition}"
        f" and (select count(*) from {{batch}} where {condition}) > {share} * (select count(*) from {{batch}})"
    )


def _no_identifier(columns: Mapping[str, str], own_words: Collection[str], *, many: bool) -> str:
    """Rows with text that looks like a person: the pattern that landing rejects, over all text columns but some.

    No match reaches over a line, so a row's texts can be looked at together. Of many rows each column is looked at by itself,
    which is more to plan and a third of the work.
    """
    text = [f'"{name}"' for name, kind in columns.items() if kind == "VARCHAR" and name not in own_words]
    if many:
        condition = " or ".join(["false", *map(looks_personal, text)])
    else:
        lines = ", ".join(["chr(10)", "''", *text])
        condition = f"regexp_matches(concat_ws({lines}), {_literal(PATTERN)})"
    return f"from {{batch}} where {condition}"


def _no_address(text: str) -> str:
    """Rows of a long text with an address or a phone number in it; a cheap look for their signs comes first."""
    signs = " or ".join(f"contains({text}, '{sign}')" for sign in ("@", "%40", "+"))
    return f"from {{batch}} where ({signs}) and regexp_matches({text}, {_literal(f'({EMAIL})|({PHONE})')})"


def _literal(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"


def _not_there(suite: Suite) -> SuiteResult:
    return SuiteResult(suite.name, suite.subject, len(suite.expectations) + len(suite.rules), 0, 0, ())
