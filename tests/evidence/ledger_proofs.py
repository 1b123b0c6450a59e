"""Ledgers and the part of a bundle that speaks of them, for tests of proofs."""

from __future__ import annotations

from datetime import UTC, datetime

from promisekept.evidence.proof import CONSISTENCY_FILE, FILE, consistency_proof, log_proof
from promisekept.sources.ledger import Ledger

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_ledger(home, size):
    """Every line is a snapshot, named by its place."""
    ledger = Ledger.open(home)
    for seq in range(ledger.seq + 1, size + 1):
        ledger.append("snapshot", {"id": f"{seq:04d}-abcdef", "rows": seq}, NOON, f"{seq:064x}")
    return ledger


def proved(home, folder, seq, after=None):
    """What a bundle of the snapshot at line `seq` holds, which follows one of the snapshot at line `after`."""
    (folder / "metadata").mkdir(parents=True)
    (folder / "bag-info.txt").write_text(f"Snapshot-Id: {seq:04d}-abcdef\n", encoding="utf-8")
    (folder / FILE).write_text(log_proof(home, seq), encoding="utf-8")
    if after:
        (folder / CONSISTENCY_FILE).write_text(consistency_proof(home, after, seq), encoding="utf-8")
    return folder
