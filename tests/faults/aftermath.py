"""What must hold after every fault, whatever it was.

Here: the marts of the current snapshot by hash, soundness of a home, the balance of rows. Not here: any fault.
"""

from __future__ import annotations

from pathlib import Path

from command import CommandResult

from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_current
from promisekept.sources.zone.ledger import Ledger

AFTER_MAPPING = ("landed", "duplicate", "superseding", "conflicting", "quarantined")
LEFT_BY_A_KILL = ("no line of the ledger names this file", "no line of the ledger names this snapshot")


def published_marts(home: Path) -> dict[str, str]:
    """The content hash of every mart of the current snapshot, but for those that record when and how rows landed."""
    with open_current(home) as snapshot:
        return claimed({name: mart["hash"] for name, mart in snapshot.manifest["tables"].items()})


def claimed(hashes: dict[str, str]) -> dict[str, str]:
    """What is claimed; audit_* and the days of the sources record how and on which day rows came."""
    return {name: value for name, value in hashes.items() if not name.startswith(("audit_", "fct_source_completeness"))}


def require_sound(home: Path, allowed: tuple[str, ...] = LEFT_BY_A_KILL) -> None:
    """Nothing is wrong below home but what a killed process leaves, and that comes with its remedy."""
    for problem in fsck(home):
        assert any(words in problem.says for words in allowed), problem
        assert problem.remedy


def require_balance(home: Path) -> None:
    """Nothing is lost: every row that was read is in exactly one class."""
    for line in Ledger.open(home).lines("batch"):
        counts = line.body["counts"]
        assert counts["read"] == sum(counts[name] for name in AFTER_MAPPING), line.seq


def require_a_sentence(result: CommandResult) -> None:
    """What a person reads of an error is a message, not a trace."""
    assert "Traceback" not in result.out + result.err, result.err
