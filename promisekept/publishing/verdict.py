"""What a gate found: counts and codes, never a value.

Here: the verdict on a candidate, bound to its hash, and the objections that keep one from being published. Not here:
evaluating anything (the gates live in expectations/) or publishing (store.py). The rule is fail closed: a verdict is
positive only if every mart of this very candidate passed, and each suite declared, loaded and evaluated the same
number of expectations, more than none. Two exceptions: what a suite only warns of does not speak against a mart whose controls
are insufficient_evidence already, and what it warns of beside the figures speaks against none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from promisekept.publishing.candidate import Candidate

WARNING = "warning"
RULE = "rule"
"""The type of a check in our own SQL; every other type is an expectation of Great Expectations."""
ROW_COUNT_TYPES = frozenset({"expect_table_row_count_to_equal", "expect_table_row_count_to_be_between"})


def check_name(kind: str, column: str | None) -> str:
    """Type and column, by which a person and the next build know a check of a suite again."""
    return kind + (f" ({column})" if column else "")


@dataclass(frozen=True, slots=True)
class Check:
    """One evaluated expectation. `unexpected` of `rows` rows were not as expected, where the type counts rows.

    `beside_figures`: it warns about the inputs of the figures and is published with them, whatever its result.
    `changed_only`: it looked at the rows that the build inserted; all others had passed it.
    """

    type: str
    column: str | None
    severity: str
    guards: str
    passed: bool
    rows: int | None = None
    unexpected: int | None = None
    beside_figures: bool = False
    changed_only: bool = False

    @property
    def name(self) -> str:
        """As a person refers to it."""
        return check_name(self.type, self.column)


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One suite on one mart, or on one log: `declared` in its file, `loaded` into the engine, `evaluated` by it."""

    suite: str
    subject: str
    declared: int
    loaded: int
    evaluated: int
    checks: tuple[Check, ...]
    configured: bool = True
    source: str | None = None

    def joined(self, other: SuiteResult) -> SuiteResult:
        """The result of this part of a suite and of another one."""
        return replace(
            self,
            declared=self.declared + other.declared,
            loaded=self.loaded + other.loaded,
            evaluated=self.evaluated + other.evaluated,
            checks=self.checks + other.checks,
        )

    @property
    def failed(self) -> tuple[Check, ...]:
        """The expectations that were not met."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def passed(self) -> int:
        """How many expectations were met."""
        return len(self.checks) - len(self.failed)

    @property
    def log(self) -> str:
        """The log on which a suite of the source gate was evaluated."""
        return self.subject

    @property
    def verdict(self) -> str:
        """`passed`, `failed` or `not_configured` (a log without a source has nothing that could be evaluated)."""
        if not self.configured:
            return "not_configured"
        whole = self.declared == self.loaded == self.evaluated == len(self.checks) > 0
        return "passed" if whole and not self.failed else "failed"


@dataclass(frozen=True, slots=True, order=True)
class ModelTest:
    """A test of the models as it last ran: `pass`, `warn`, `fail` or `error`, and how many rows failed it.

    `changed_only`: it looked at the rows that the build inserted and at what they meet; all others had passed it.
    """

    name: str
    status: str
    failures: int
    changed_only: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The publish gate's decision on one candidate. `missing` are marts without a suite.

    `model_tests` ran while the marts were made; an invariant among them ends a run that fails it, so they decide nothing here.
    `doubted` are marts that rest on one whose rows break a property of data: the controls made of them have no verdict.
    `untested` are marts of whose key no model test passed: the gate itself does not look for two rows of one key.
    `whole_at` is the instant as of which checks and tests with `changed_only` last looked at every row; None where none has it.
    """

    content_hash: str
    file_sha256: str
    as_of: str
    suites: tuple[SuiteResult, ...]
    missing: tuple[str, ...] = ()
    model_tests: tuple[ModelTest, ...] = ()
    doubted: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()
    whole_at: str | None = None

    @property
    def declared(self) -> int:
        """Expectations of all suites."""
        return sum(suite.declared for suite in self.suites)

    @property
    def passed(self) -> int:
        """Expectations that were evaluated and met."""
        return sum(suite.passed for suite in self.suites)

    @property
    def success(self) -> bool:
        """Whether every check that blocks has passed; `objections` asserts that it is this candidate."""
        return not self._flaws()

    def objections(self, candidate: Candidate) -> list[str]:
        """Why this candidate must not be published; empty = it may."""
        found = []
        if (self.content_hash, self.file_sha256) != (candidate.content_hash, candidate.sha256):
            found.append(f"the verdict is on the content {self.content_hash[:12]}, not on {candidate.content_hash[:12]}")
        evaluated = {suite.subject for suite in self.suites} | set(self.missing)
        found.extend(f"{mart}: no suite was evaluated on it" for mart in sorted(set(candidate.tables) - evaluated))
        return found + self._flaws()

    def _flaws(self) -> list[str]:
        found = [] if self.suites else ["nothing was evaluated"]
        found.extend(f"{mart}: no suite was evaluated on it" for mart in self.missing)
        found.extend(f"{mart}: no test of its key passed" for mart in self.untested)
        for suite in self.suites:
            found.extend(_objections(suite, self._blocking(suite)))
        return found

    def _blocking(self, suite: SuiteResult) -> list[Check]:
        doubted = suite.subject in self.doubted
        return [check for check in suite.failed if not (check.severity == WARNING and (doubted or check.beside_figures))]

    def rejection(self) -> dict[str, Any]:
        """What the banner shows: how many failed of how many, and which."""
        checks = [
            {"suite": suite.suite, "type": check.type, "column": check.column}
            for suite in self.suites
            for check in self._blocking(suite)
        ]
        checks += [{"suite": mart, "type": "no suite", "column": None} for mart in self.missing]
        checks += [{"suite": mart, "type": "no test of its key", "column": None} for mart in self.untested]
        return {"as_of": self.as_of, "failed": self.declared - self.passed, "declared": self.declared, "checks": checks}


def _objections(suite: SuiteResult, blocking: Sequence[Check]) -> list[str]:
    found = []
    counts = (suite.declared, suite.loaded, suite.evaluated, len(suite.checks))
    if len(set(counts)) > 1 or suite.declared == 0:
        found.append(f"{suite.suite}: {suite.declared} expectations declared, {suite.loaded} loaded, {suite.evaluated} evaluated")
    if not any(check.type in ROW_COUNT_TYPES for check in suite.checks):
        found.append(f"{suite.suite}: no expectation on the number of rows")
    if not suite.configured:
        found.append(f"{suite.suite}: not configured")
    found.extend(f"{suite.suite}: {check.name} failed" for check in blocking)
    return found


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as quality.json holds it: counts, codes and names of columns."""
    return {
        "content_hash": verdict.content_hash,
        "file_sha256": verdict.file_sha256,
        "as_of": verdict.as_of,
        "declared": verdict.declared,
        "passed": verdict.passed,
        "missing": list(verdict.missing),
        "doubted": list(verdict.doubted),
        "untested": list(verdict.untested),
        "whole_at": verdict.whole_at,
        "suites": [suite_to_json(suite) for suite in verdict.suites],
        "model_tests": [asdict(test) for test in verdict.model_tests],
    }


def suite_to_json(suite: SuiteResult) -> dict[str, Any]:
    """One suite's result as JSON."""
    return {
        "suite": suite.suite,
        "subject": suite.subject,
        "source": suite.source,
        "configured": suite.configured,
        "verdict": suite.verdict,
        "declared": suite.declared,
        "passed": suite.passed,
        "loaded": suite.loaded,
        "evaluated": suite.evaluated,
        "checks": [{name: getattr(check, name) for name in Check.__slots__} for check in suite.checks],
    }
