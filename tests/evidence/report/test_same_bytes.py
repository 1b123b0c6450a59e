"""The same report is the same bytes: in another process, folder, time zone, locale and with other hash seeds."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from promisekept.publishing.reader import SnapshotReader

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
from promisekept.evidence.report import build_report, write_report
from promisekept.evidence.scope import Scope, read_period
from promisekept.publishing.reader import open_snapshot
with open_snapshot(Path(sys.argv[1]), sys.argv[2]) as reader:
    write_report(build_report(reader, Scope(reader.id, read_period("2026-Q3"), "regulator")), Path(sys.argv[3]))
"""


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(home: Path, reader: SnapshotReader, written: Path, tmp_path: Path):
    outputs = []
    for name, zone, seed in (("first", "UTC", "1"), ("elsewhere", "Asia/Tokyo", "4711")):
        folder = tmp_path / name
        folder.mkdir()
        environment = os.environ | {
            "TZ": zone,
            "PYTHONHASHSEED": seed,
            "LC_ALL": "C",
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(home), reader.id, str(folder)], env=environment, cwd=tmp_path, check=True
        )
        outputs.append(digests(folder))
    assert outputs[0] == outputs[1] == digests(written)
    assert set(outputs[0]) == {"report.html", "report.pdf"}


def test_nothing_of_the_machine_is_in_the_files(home: Path, written: Path):
    for file in written.iterdir():
        raw = file.read_bytes()
        assert str(home).encode() not in raw
        assert str(ROOT).encode() not in raw
