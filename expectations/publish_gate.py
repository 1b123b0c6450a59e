"""The publish gate: may this candidate be shown to anybody? The only gate that blocks.

Here: which suites judge which marts, and the verdict bound to the candidate. Not here: the expectations themselves
(suites/marts/*.yml) or what follows from a refusal (promisekept/publishing/store.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from pathlib import Path

from expectations.engine import Evaluate, Task, evaluate
from expectations.loading import SUITES, Resolver, Suite, load_suites, resolve
from promisekept.policy.thresholds import Value, read_thresholds
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.content import SCHEMA, mart_columns
from promisekept.publishing.reader import open_hardened
from promisekept.publishing.verdict import SuiteResult, Verdict
from promisekept.sources.personal_data import EMAIL, PATTERN, PHONE, looks_personal

_MANY = 100_000


def run_publish_gate(
    candidate: Candidate,
    expected: Mapping[str, int],
    suites: Path = SUITES / "marts",
    evaluate: Evaluate = evaluate,
    *,
    engine: Mapping[str, str] | None = None,
    thresholds: Mapping[str, Value] | None = None,
) -> Verdict:
    """Judge a finished candidate.

    Args:
        candidate: the closed file; only read.
        expected: numbers of rows by what landing says, counted without the models; suites refer to them by name.
        suites: the folder of suites, one file per mart.
        evaluate: what evaluates, in this process or beside it.
        engine: what DuckDB may take of the machine (`settings.engine.config`).
        thresholds: those of the pack in force; the defaults where none are given. Suites refer to them by name.

    Returns:
        The verdict, bound to the candidate's hashes. A mart without a suite and a suite without a mart both make it
        negative.

    Raises:
        GateError: a suite can't be read; nothing was judged.
    """
    loaded = load_suites(suites, "mart")
    with open_hardened(candidate.file, engine=engine) as connection:
        columns = mart_columns(connection, candidate.file.stem)
    by_name = _by_name(expected, read_thresholds(thresholds or {}))
    tasks = [
        Task(resolve(suite, _resolvers(columns[mart], many=candidate.tables[mart].rows >= _MANY) | by_name), SCHEMA, mart)
        for mart, suite in loaded.items()
        if mart in columns
    ]
    from expectations.dialect import snapshot_url

    results = evaluate(snapshot_url(candidate.file, engine), tasks) if tasks else []
    return Verdict(
        content_hash=candidate.content_hash,
        file_sha256=candidate.sha256,
        as_of=candidate.provenance.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        suites=(*results, *(_not_there(suite) for mart, suite in loaded.items() if mart not in columns)),
        missing=tuple(sorted(set(columns) - set(loaded))),
    )


def _by_name(expected: Mapping[str, int], thresholds: Mapping[str, Value]) -> dict[str, Resolver]:
    return {
        "landed": lambda name: expected[name],
        "one_if_landed": lambda name: min(expected[name], 1),
        "above_share": lambda wanted: _above_share(wanted["where"], thresholds[wanted["threshold"]]),
    }


def _above_share(condition: str, share: Value) -> str:
    """The rows of a condition, if they are more than that share of all."""
    return (
        f"select 1 as one from {{batch}} where {condition}"
        f" and (select count(*) from {{batch}} where {condition}) > {share} * (select count(*) from {{batch}})"
    )


def _resolvers(columns: Mapping[str, str], *, many: bool) -> dict[str, Resolver]:
    return {
        "no_identifier_in": lambda wanted: _no_identifier(columns, wanted, many=many),
        "no_address_in": _no_address,
    }


def _no_identifier(columns: Mapping[str, str], wanted: object, *, many: bool) -> str:
    """Rows with text that looks like a person: the pattern that landing refuses, over all (or all other) text columns.

    No match reaches over a line, so a row's texts can be looked at together. Of many rows each column is looked at by itself,
    which is more to plan and a third of the work.
    """
    left_out = set(wanted.get("all_text_but", ())) if isinstance(wanted, dict) else set()
    text = [f'"{name}"' for name, kind in columns.items() if kind == "VARCHAR" and name not in left_out]
    if many:
        condition = _braced(" or ".join(map(looks_personal, text)))
    else:
        condition = f"regexp_matches(concat_ws(chr(10), {', '.join(text)}), '{_escaped(PATTERN)}')"
    return f"select 1 as one from {{batch}} where {condition}"


def _no_address(column: object) -> str:
    """Rows of a long text with an address or a phone number in it; a cheap look for their signs comes first."""
    signs = " or ".join(f"contains({column}, '{sign}')" for sign in ("@", "%40", "+"))
    pattern = _escaped(f"({EMAIL})|({PHONE})")
    return f"select 1 as one from {{batch}} where ({signs}) and regexp_matches({column}, '{pattern}')"


def _escaped(pattern: str) -> str:
    return _braced(pattern).replace("'", "''")


def _braced(sql: str) -> str:
    """As text in which GX finds no marker of its own."""
    return sql.replace("{", "{{").replace("}", "}}")


def _not_there(suite: Suite) -> SuiteResult:
    return SuiteResult(suite.name, suite.subject, len(suite.expectations), 0, 0, ())
