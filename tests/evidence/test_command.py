"""Exporting and verifying from the command line: the output and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import promisekept
from evidence.conftest import Project


def test_a_bundle_is_written_checked_and_rejected_once_it_was_touched(larkfield: Project, auditors, tmp_path):
    exported = promisekept("export", "--config", larkfield.folder, "--period", "2026-Q3", "--out", tmp_path, "--format", "json")
    assert exported.code == 0, exported.err
    assert exported.json["draft"] is True
    chosen = [line for line in exported.err.splitlines() if "events: " in line]
    assert len(chosen) > 10, "choosing the events of a quarter takes minutes at a hundred million, in which nothing moved"
    bundle = Path(exported.json["bundle"])
    assert bundle.name == auditors.name
    checked = promisekept("verify", bundle, "--fingerprint", exported.json["fingerprint"])
    assert (checked.code, "A draft: nobody has signed it" in checked.out) == (0, True)
    (bundle / "data/VERIFY.txt").write_text("all is well\n")
    assert promisekept("verify", bundle).code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--period", "Q3"), "is no period"),
        (("--period", "2026-Q3", "--audience", "press"), "regulator, auditor, public"),
        (("--period", "2026-Q3", "--regime", "GDPR"), "no request falls under `GDPR`"),
        (("--period", "2027", "--audience", "public"), "begins after"),
        (("--period", "2026-Q3", "--snapshot", "0099-abcdef"), "There is no snapshot"),
    ],
)
def test_what_can_t_be_exported_is_named_with_its_remedy(larkfield: Project, arguments, message):
    result = promisekept("export", "--config", larkfield.folder, *arguments)
    assert result.code == 2
    assert message in result.err
