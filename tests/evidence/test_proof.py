"""A bundle proves of the ledger that it held the snapshot and continued what an earlier bundle showed; nothing else passes."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_proofs import NOON, a_bundle, a_ledger, reseal

import promisekept.evidence.proof as module
from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import fingerprint
from promisekept.evidence.proof import (
    CONSISTENCY_FILE,
    FILE,
    log_proof,
    read_checkpoint,
    read_consistency_proof,
    read_log_proof,
)
from promisekept.evidence.verifying import verify
from promisekept.sources.zone.ledger import Ledger, LedgerError

SCRIPT = Path(module.__file__).with_name("verify.sh")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        a_ledger(folder, 40)
    return folder


def by_shell(bundle, previous=None):
    """What the script objects to."""
    named = [f"previous={previous}"] if previous else []
    done = subprocess.run(["sh", SCRIPT, bundle, *named], capture_output=True, text=True, check=False)
    objections = [line for line in done.stdout.splitlines() if line.startswith("REJECTED")]
    assert (done.returncode, done.stderr) == (1 if objections else 0, "")
    return objections


def by_us(bundle, previous=None):
    return list(verify(bundle, previous=previous).problems)


def change(folder, file, old, new):
    """Change a file and make the manifests anew, so that nothing but the proof itself can tell."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_proof_has_the_form_of_c2sp_and_speaks_of_the_snapshots_own_line(home):
    text = log_proof(home, 6)
    proof = read_log_proof(text)
    ledger = Ledger.open(home)
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra ")
    assert text.split("\n\n")[1].split("\n") == [
        f"promisekept/ledger/{ledger.line(1).hash[:32]}",
        "6",
        base64.b64encode(bytes.fromhex(ledger.line(6).merkle_root)).decode(),
    ]
    assert proof.holds
    assert proof.text == text
    assert proof.line["body"]["id"] == "0006-abcdef"
    assert (proof.index, proof.checkpoint.size) == (5, 6)


def test_the_proof_stays_the_same_however_much_the_ledger_grows(tmp_path):
    a_ledger(tmp_path, 5)
    before = log_proof(tmp_path, 5)
    a_ledger(tmp_path, 9)
    assert log_proof(tmp_path, 5) == before


def test_another_ledger_has_another_origin(tmp_path, home):
    Ledger.open(tmp_path).append("batch", {}, Ledger.open(home).line(1).at, "0" * 64)
    assert read_log_proof(log_proof(tmp_path, 1)).checkpoint.origin != read_log_proof(log_proof(home, 1)).checkpoint.origin


def test_a_line_that_is_not_there_can_not_be_proved(home):
    with pytest.raises(LedgerError, match="no line 41"):
        log_proof(home, 41)


@given(st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_bundles_prove_that_the_ledger_went_on_for_us_and_for_a_shell(home, tmp_path_factory, one, other):
    old, new = sorted((one, other))
    folder = tmp_path_factory.mktemp("bundles")
    before = a_bundle(home, folder / "before", old)
    after = a_bundle(home, folder / "after", new, old, before)
    assert by_us(after, before) == []
    assert by_shell(after, before) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (FILE, "\n11\n", "\n12\n", "does not prove that the ledger holds"),
        (FILE, "index 10", "index 9", "does not prove that the ledger holds"),
        (FILE, "index 10\n", "index 10\nAAAA\n", "no SHA-256 hash"),
        (FILE, "extra ", "extra A", "no base64"),
        (FILE, "tlog-proof@v1", "tlog-proof@v2", "does not begin with"),
        (CONSISTENCY_FILE, "old 7", "old 6", "does not prove that the ledger continues"),
        (CONSISTENCY_FILE, "promisekept/", "other/", "ends at another checkpoint"),
        (CONSISTENCY_FILE, "old 7\n", f"old 7\n{'A' * 43}=\n", "does not prove that the ledger continues"),
    ],
)
def test_a_changed_proof_is_rejected_by_us_and_by_a_shell(home, tmp_path, file, old, new, message):
    before = a_bundle(home, tmp_path / "before", 7)
    after = a_bundle(home, tmp_path / "after", 11, 7, before)
    change(after, file, old, new)
    reseal(after, 11, fingerprint(before))
    [problem, *_] = by_us(after, before)
    assert message in problem
    assert by_shell(after, before)


@pytest.mark.parametrize(("seq", "content"), [(10, None), (11, "f" * 64)])
def test_a_proof_of_another_snapshot_or_content_is_rejected_by_us_and_by_a_shell(home, tmp_path, seq, content):
    bundle = a_bundle(home, tmp_path / "bundle", 11)
    reseal(bundle, seq, content=content)
    assert by_us(bundle) == [f"metadata/log-proof.txt speaks of another snapshot than {seq:04d}-abcdef"]
    assert by_shell(bundle) == [f"REJECTED: the ledger's proof speaks of another snapshot than {seq:04d}-abcdef"]


def test_a_ledger_that_was_rewritten_between_two_bundles_is_seen_by_us_and_by_a_shell(home, tmp_path):
    before = a_bundle(home, tmp_path / "before", 7)
    forged = tmp_path / "forged"
    lines = (home / "landing" / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    (forged / "landing").mkdir(parents=True)
    (forged / "landing" / "ledger.jsonl").write_bytes(b"".join(lines[:4]))
    Ledger.open(forged).append("batch", {"rows": "others"}, NOON, "0" * 64)
    a_ledger(forged, 11)
    after = a_bundle(forged, tmp_path / "after", 11, 7, before)
    assert (by_us(after), by_shell(after)) == ([], [])
    assert by_us(after, before) == [f"{CONSISTENCY_FILE} does not prove that the ledger continues the one of the bundle before"]
    assert by_shell(after, before) == ["REJECTED: the ledger does not continue that of the bundle before"]


def test_a_bundle_that_proves_nothing_of_the_ledger_before_does_not_follow_one(home, tmp_path):
    before = a_bundle(home, tmp_path / "before", 7)
    after = a_bundle(home, tmp_path / "after", 11, None, before)
    assert by_us(after, before) == [f"{CONSISTENCY_FILE} does not prove that the ledger continues the one of the bundle before"]
    assert by_shell(after, before) == [f"REJECTED: {CONSISTENCY_FILE} is missing"]


def test_a_checkpoint_is_read_from_a_bundle_a_proof_and_a_note_of_its_own(home, tmp_path):
    bundle = a_bundle(home, tmp_path / "bundle", 11, 7)
    checkpoint = read_checkpoint(bundle)
    (tmp_path / "checkpoint").write_text(checkpoint.text + "— a.witness/1 c2lnbmF0dXJl\n", encoding="utf-8")
    assert [
        read_checkpoint(bundle / FILE),
        read_checkpoint(bundle / CONSISTENCY_FILE),
        read_checkpoint(tmp_path / "checkpoint"),
    ] == [checkpoint] * 3
    assert read_consistency_proof((bundle / CONSISTENCY_FILE).read_text()).text == (bundle / CONSISTENCY_FILE).read_text()


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nAAAA\n\n", f"a\n1\n{'A' * 8}\n\n", "c2sp.org/tlog-proof@v1\n", "old x\n\na\n1\n"]
)
def test_what_is_no_checkpoint_is_rejected_with_its_name(tmp_path, text):
    (tmp_path / "note").write_text(text)
    with pytest.raises(EvidenceError, match="note: this is no proof or checkpoint"):
        read_checkpoint(tmp_path / "note")
    with pytest.raises(EvidenceError, match="can't be read"):
        read_checkpoint(tmp_path / "absent")
