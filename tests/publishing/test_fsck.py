"""fsck finds what is wrong, reports where, and how to fix it."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
from small_snapshots import AT, publish, roll_back

from promisekept.publishing.fsck import fsck
from promisekept.sources.zone.ledger import Ledger

COUNTS = {
    "source_rows": 9, "mapped": 6, "skipped": 1, "unmapped": 1, "held_back": 1,
    "read": 11, "landed": 5, "duplicate": 2, "superseding": 1, "conflicting": 1, "quarantined": 2,
}  # fmt: skip


def land(home, **changes):
    """A batch of which six source rows became eleven events."""
    content, rejects = b"seven rows", b"two rows"
    ledger = Ledger.open(home)
    names = {"file": ("requests", content), "quarantine": ("quarantine", rejects)}
    paths = {}
    for key, (folder, raw) in names.items():
        sha256 = hashlib.sha256(raw + str(ledger.seq).encode()).hexdigest()
        path = home / "landing" / folder / f"{sha256[:32]}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw + str(ledger.seq).encode())
        paths[key] = (path.relative_to(home / "landing").as_posix(), sha256)
    body = {
        "batch_id": f"b-{ledger.seq + 1:04d}",
        "source": "helpdesk",
        "file": paths["file"][0],
        "sha256": paths["file"][1],
        "rows": 7,
        "counts": COUNTS,
        "quarantine": {"file": paths["quarantine"][0], "sha256": paths["quarantine"][1], "rows": 2},
    }
    ledger.append("batch", body | changes, AT, paths["file"][1])
    return home / "landing" / paths["file"][0]


def messages(home, **arguments):
    return [str(problem) for problem in fsck(home, **arguments)]


def flip(path, position=0):
    path.chmod(0o644)
    raw = bytearray(path.read_bytes())
    raw[position] ^= 1
    path.write_bytes(raw)


def test_an_empty_home_and_a_sound_one_have_no_problem(tmp_path):
    assert fsck(tmp_path) == []
    land(tmp_path)
    publish(tmp_path)
    roll_back(tmp_path, publish(tmp_path, numerator=8).id, AT)
    assert fsck(tmp_path) == []


@pytest.mark.parametrize("folder", ["requests", "quarantine"])
def test_one_flipped_byte_of_a_landed_file_is_found(tmp_path, folder):
    land(tmp_path)
    flip(next((tmp_path / "landing" / folder).iterdir()))
    (message,) = messages(tmp_path)
    assert "line 1 of the ledger recorded" in message
    assert "Restore the file from a backup" in message


def test_a_missing_landed_file_is_found(tmp_path):
    land(tmp_path).unlink()
    assert "can't be read (No such file or directory)" in messages(tmp_path)[0]


@pytest.mark.parametrize("name", ["snapshot.duckdb", "history.duckdb", "manifest.json", "quality.json"])
def test_one_flipped_byte_of_a_snapshot_is_found(tmp_path, name):
    first = publish(tmp_path)
    publish(tmp_path, numerator=8)
    flip(tmp_path / "snapshots" / first.id / name, 100)
    (message,) = messages(tmp_path)
    assert f"snapshots/{first.id}: {name} is not the one that" in message
    assert "`promisekept restore` builds it again" in message


def test_a_missing_snapshot_is_found_but_a_retired_one_is_not_missed(tmp_path):
    first = publish(tmp_path)
    publish(tmp_path, numerator=8)
    shutil.rmtree(tmp_path / "snapshots" / first.id)
    assert first.id in messages(tmp_path)[0]
    Ledger.open(tmp_path).append("retired", {"id": first.id}, AT, first.content_hash)
    assert fsck(tmp_path) == []


@pytest.mark.parametrize(
    ("count", "value", "message"),
    [
        ("skipped", 0, "source_rows is 9, but mapped + skipped + unmapped + held_back is 8"),
        ("duplicate", 3, "read is 11, but landed + duplicate + superseding + conflicting + quarantined is 12"),
        ("read", 10, "read is 10"),
    ],
)
def test_rows_that_do_not_add_up_are_found(tmp_path, count, value, message):
    land(tmp_path, counts=COUNTS | {count: value})
    problem = messages(tmp_path)[0]
    assert message in problem
    assert "promisekept reland --source helpdesk --batch b-0001" in problem


def test_a_file_with_fewer_rows_than_were_counted_is_found(tmp_path):
    land(tmp_path, rows=6)
    assert "landed + superseding + conflicting is 7, but the file holds 6 rows" in messages(tmp_path)[0]


def test_a_file_that_no_line_names_is_found(tmp_path):
    land(tmp_path)
    (tmp_path / "landing" / "requests" / "orphan.parquet").write_bytes(b"x")
    assert "landing/requests/orphan.parquet: no line of the ledger names this file" in messages(tmp_path)[0]


def test_after_compaction_the_output_counts_and_its_inputs_may_go(tmp_path):
    old = [land(tmp_path), land(tmp_path)]
    output = tmp_path / "landing" / "requests" / "together.parquet"
    output.write_bytes(b"all rows")
    sha256 = hashlib.sha256(b"all rows").hexdigest()
    inputs = [{"file": path.relative_to(tmp_path / "landing").as_posix()} for path in old]
    body = {"inputs": inputs, "output": {"file": "requests/together.parquet", "sha256": sha256, "batches": ["b-0001", "b-0002"]}}
    Ledger.open(tmp_path).append("compaction", body, AT, sha256)
    assert fsck(tmp_path) == []
    for path in old:
        path.unlink()
    assert fsck(tmp_path) == []
    flip(output)
    assert "together.parquet" in messages(tmp_path)[0]


def test_a_changed_ledger_is_reported_by_its_line_and_nothing_else_is_believed(tmp_path):
    land(tmp_path)
    land(tmp_path)
    path = tmp_path / "landing" / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"rows":7', b'"rows":8', 1))
    (message,) = messages(tmp_path)
    assert message.startswith("landing/ledger.jsonl, line 1, hash: states")


def test_a_torn_last_line_is_reported_with_its_remedy(tmp_path):
    land(tmp_path)
    with (tmp_path / "landing" / "ledger.jsonl").open("ab") as file:
        file.write(b'{"seq":2')
    assert "8 bytes without a line feed" in messages(tmp_path)[0]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{", "this is no pointer"),
        ({"sequence": 9, "snapshot": "0009-aaaaaa", "manifest_sha256": ""}, "it names 0009-aaaaaa, the newest"),
        (None, "it names None, the newest published snapshot is"),
    ],
)
def test_a_pointer_to_something_else_is_found_and_the_next_run_fixes_it(tmp_path, record, message):
    publish(tmp_path)
    current = tmp_path / "CURRENT"
    if record is None:
        current.unlink()
    else:
        current.write_text(record if isinstance(record, str) else json.dumps(record))
    assert message in messages(tmp_path)[0]
    publish(tmp_path)
    assert fsck(tmp_path) == []


def test_a_snapshot_folder_of_a_killed_run_is_found_and_the_next_run_removes_it(tmp_path):
    publish(tmp_path)
    (tmp_path / "snapshots" / "0002-abcdef").mkdir()
    assert "snapshots/0002-abcdef: no line of the ledger names this snapshot" in messages(tmp_path)[0]
    publish(tmp_path)
    assert fsck(tmp_path) == []


def test_a_changed_or_missing_file_of_the_history_is_found(tmp_path):
    first = publish(tmp_path)
    file = tmp_path / "history" / f"{first.id}.parquet"
    flip(file)
    (message,) = messages(tmp_path)
    assert "line 1 of the ledger recorded" in message
    file.unlink()
    assert "can't be read (No such file or directory)" in messages(tmp_path)[0]


def test_a_file_of_the_history_that_a_killed_run_left_is_found_and_the_next_run_removes_it(tmp_path):
    publish(tmp_path)
    for name in ("0002-abcdef.parquet", ".partial-0002-abcdef"):
        (tmp_path / "history" / name).write_bytes(b"PAR1")
    assert {message.partition(":")[0] for message in messages(tmp_path)} == {
        "history/0002-abcdef.parquet",
        "history/.partial-0002-abcdef",
    }
    publish(tmp_path, numerator=8)
    assert fsck(tmp_path) == []
