"""T14, T15 and T16: how exports of evidence are known to fail elsewhere, and that ours do not.

T14: what was deleted leaves no trace; two exports of the same thing differ (test_bundles.py). T15: files are left out without a
word. T16: who runs the pipeline can forge what it made (test_tampering.py), or must be believed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet
import pytest
from evidence.conftest import Project
from evidence.opened import everything, table
from evidence.shell import verify_sh
from evidence.tampering import a_bundle, both_reject, sign
from ledger_proofs import reseal

from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import OMISSIONS
from promisekept.evidence.signing.signing_keys import create_signing_keys
from promisekept.publishing.export_log import FILE as EXPORT_LOG
from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_snapshot

pytestmark = pytest.mark.slow


def test_t14_a_row_that_is_deleted_after_it_landed_is_noticed_before_anything_is_made_of_it(larkfield: Project, tmp_path):
    there = larkfield.elsewhere(tmp_path / "there")
    landed = next(path for path in sorted((there.settings.home / "landing").rglob("*.parquet")) if "requests" in str(path))
    rows = pyarrow.parquet.read_table(landed)
    landed.chmod(0o644)
    pyarrow.parquet.write_table(rows.slice(1), landed)
    with pytest.raises(EvidenceError, match="not what the ledger recorded"):
        there.export("2026-08", regime="EU_GDPR")
    assert [problem for problem in fsck(there.settings.home) if landed.name in str(problem)]


def test_t14_an_export_can_not_be_taken_out_of_the_log_of_exports(larkfield: Project, tmp_path):
    there = larkfield.elsewhere(tmp_path / "there")
    there.export("2026-08", regime="EU_GDPR", out=tmp_path / "out")
    assert fsck(there.settings.home) == []
    log = there.settings.home / EXPORT_LOG
    log.write_text("".join(log.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert [problem for problem in fsck(there.settings.home) if EXPORT_LOG in problem.where]


def test_t15_a_bundle_that_does_not_say_what_was_left_out_is_none(tmp_path):
    bundle = a_bundle(tmp_path / "bundle")
    (bundle / OMISSIONS).unlink()
    reseal(bundle, 1)
    both_reject(bundle)


def test_t16_who_verifies_holds_public_certificates_alone(tmp_path):
    create_signing_keys(tmp_path / "ours", "Example Ltd")
    bundle = a_bundle(tmp_path / "bundle")
    trust = sign(bundle, tmp_path / "ours")
    given = [trust.signer, trust.time, *(path for path in bundle.rglob("*") if path.is_file())]
    assert not [path for path in given if b"PRIVATE KEY" in path.read_bytes()]
    assert verify_sh(bundle, trust=trust.signer, time=trust.time).returncode == 0


def personal(bundle: Path) -> set[str]:
    """Every key of a person anywhere in a bundle: in tables, in events, among the rejected rows."""
    found = set()
    for file in bundle.glob("data/*/*.csv"):
        if not file.name.endswith(".excel-safe.csv"):
            for row in table(bundle, file.stem, file.parent.name):
                found |= {row[name] for name in ("subject_key", "other_key") if row.get(name)}
    return found


def hexadecimals(bundle: Path) -> set[str]:
    """Every 32 hexadecimal digits in a row that stand anywhere in a bundle: a key has that form."""
    runs = {run.decode() for content in everything(bundle).values() for run in re.findall(rb"[0-9a-f]{32,}", content)}
    return {run[at : at + 32] for run in runs for at in range(len(run) - 31)}


def test_two_bundles_can_not_be_joined_by_the_keys_of_people(larkfield: Project, auditors, californian, tmp_path):
    """Not those of two audiences, periods or laws, though the same people are in them, and not by those of the warehouse."""
    august = larkfield.export("2026-08", out=tmp_path).path
    bundles = (auditors, californian, august)
    keys = [personal(bundle) for bundle in bundles]
    assert all(len(found) > 50 for found in keys)
    assert not keys[0] & keys[1] | keys[0] & keys[2] | keys[1] & keys[2]
    with open_snapshot(larkfield.settings.home, larkfield.snapshot) as reader:
        warehouse = {
            key for (key,) in reader.cursor().execute("select distinct subject_key from marts.fct_requests").fetchall()
        } - {None}
    for number, bundle in enumerate(bundles):
        others = warehouse.union(*(found for other, found in enumerate(keys) if other != number))
        assert not others & hexadecimals(bundle)
