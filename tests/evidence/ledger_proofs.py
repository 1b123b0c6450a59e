"""Ledgers and small bundles that speak of them, for tests of proofs and signatures.

Here: a bundle that is whole, of one table, made in milliseconds. Not here: bundles of a published snapshot (conftest.py).
"""

from __future__ import annotations

from datetime import UTC, datetime

from promisekept.evidence.bagit import NOTHING_BEFORE, close_bag, fingerprint
from promisekept.evidence.proof import CONSISTENCY_FILE, FILE, consistency_proof, log_proof
from promisekept.sources.zone.ledger import Ledger

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_ledger(home, size):
    """Every line is a snapshot, named by its place."""
    ledger = Ledger.open(home)
    for seq in range(ledger.seq + 1, size + 1):
        ledger.append("snapshot", {"id": f"{seq:04d}-abcdef", "rows": seq}, NOON, f"{seq:064x}")
    return ledger


def a_bundle(home, folder, seq, after=None, before=None, requests="request_key,status,outcome\n"):
    """A bundle of the snapshot at line `seq`; it may follow another one, of the snapshot at line `after`."""
    (folder / "metadata").mkdir(parents=True)
    (folder / "data" / "tables").mkdir(parents=True)
    (folder / "data" / "tables" / "fct_requests.csv").write_text(requests, encoding="utf-8")
    (folder / "metadata" / "omissions.json").write_text("{}", encoding="utf-8")
    (folder / FILE).write_text(log_proof(home, seq), encoding="utf-8")
    if after:
        (folder / CONSISTENCY_FILE).write_text(consistency_proof(home, after, seq), encoding="utf-8")
    reseal(folder, seq, fingerprint(before) if before else NOTHING_BEFORE)
    return folder


def a_draft(folder):
    """A bundle of the last of three snapshots, which nobody has signed."""
    a_ledger(folder / "home", 3)
    return a_bundle(folder / "home", folder / "0003-abcdef.2026-Q3.auditor", 3)


def reseal(folder, seq, previous=NOTHING_BEFORE, content=None):
    """Make the manifests anew, as whoever changes a bundle would."""
    return close_bag(
        folder,
        {
            "Source-Organization": "Example Ltd",
            "External-Identifier": folder.name,
            "Snapshot-Id": f"{seq:04d}-abcdef",
            "Snapshot-Content-SHA256": content or f"{seq:064x}",
            "Previous-Tagmanifest-SHA512": previous,
        },
    )
