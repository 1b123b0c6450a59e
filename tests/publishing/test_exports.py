"""What leaves is written down first, in lines that can't be changed or taken out unseen."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from promisekept.errors import PublishingError
from promisekept.publishing import export_log
from promisekept.publishing.export_log import FILE, Export
from promisekept.publishing.fsck import fsck
from promisekept.sources.zone.ledger import Ledger

AT = datetime(2026, 10, 1, 12, 31, tzinfo=UTC)
OVERDUE = Export(
    "csv", "Requests: overdue list", "0042-9f3c1a", "m.okafor", "officer", 12, 86, "a" * 64, "2026-Q3", {"right": ["access"]}
)


def lines(home: Path) -> list[str]:
    return (home / FILE).read_text().splitlines()


def rewrite(home: Path, changed: list[str]) -> None:
    (home / FILE).write_text("".join(f"{line}\n" for line in changed))


def many(home: Path, who: str) -> None:
    for rows in range(20):
        export_log.record(home, replace(OVERDUE, who=who, rows=rows), AT)


def test_who_took_what_of_which_snapshot_is_read_back_as_it_was_written(tmp_path):
    export_log.record(tmp_path, OVERDUE, AT)
    export_log.record(tmp_path, replace(OVERDUE, kind="bundle", content="2026-Q3, auditor"), AT)
    first, second = export_log.entries(tmp_path)
    assert (first.seq, first.at, first.export) == (1, AT, OVERDUE)
    assert (second.seq, second.export.kind) == (2, "bundle")


def test_an_export_that_two_write_at_once_is_no_export_lost(tmp_path):
    writers = [multiprocessing.get_context("spawn").Process(target=many, args=(tmp_path, who)) for who in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = export_log.entries(tmp_path)
    assert [entry.seq for entry in found] == list(range(1, 41))
    assert [entry.export.rows for entry in found if entry.export.who == "a"] == list(range(20))


def test_a_line_that_a_crash_cut_short_is_written_over(tmp_path):
    export_log.record(tmp_path, OVERDUE, AT)
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"seq":2,"at":')
    export_log.record(tmp_path, replace(OVERDUE, rows=3), AT)
    assert [entry.export.rows for entry in export_log.entries(tmp_path)] == [12, 3]


def test_a_long_line_is_still_the_last_one(tmp_path):
    export_log.record(tmp_path, replace(OVERDUE, filters={"jurisdiction": [f"ZZ-{n:06d}" for n in range(20_000)]}), AT)
    export_log.record(tmp_path, OVERDUE, AT)
    assert [entry.seq for entry in export_log.entries(tmp_path)] == [1, 2]


@pytest.mark.parametrize(
    "tampering",
    [
        lambda lines: [lines[0].replace("m.okafor", "j.brandt"), *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0], "no entry", lines[2]],
    ],
    ids=["changed", "removed", "swapped", "overwritten"],
)
def test_a_line_that_was_tampered_with_is_found(tmp_path, tampering):
    for rows in (1, 2, 3):
        export_log.record(tmp_path, replace(OVERDUE, rows=rows), AT)
    rewrite(tmp_path, tampering(lines(tmp_path)))
    with pytest.raises(PublishingError, match="can't be trusted"):
        export_log.entries(tmp_path)
    assert [problem.where for problem in fsck(tmp_path)] == [FILE]


def test_lines_cut_off_or_written_anew_are_known_to_the_ledger(tmp_path):
    for rows in (1, 2):
        export_log.record(tmp_path, replace(OVERDUE, rows=rows), AT)
    export_log.bind(tmp_path, AT)
    assert fsck(tmp_path) == []
    whole = lines(tmp_path)
    rewrite(tmp_path, whole[:1])
    assert "entry 2 is not the one that line 1 of the ledger recorded" in str(fsck(tmp_path)[0])
    (tmp_path / FILE).unlink()
    for _ in range(2):
        export_log.record(tmp_path, replace(OVERDUE, rows=0), AT)
    assert "entry 2" in str(fsck(tmp_path)[0])
    rewrite(tmp_path, whole)
    assert fsck(tmp_path) == []


def test_the_ledger_takes_the_log_over_only_when_it_has_grown(tmp_path):
    export_log.bind(tmp_path, AT)
    assert Ledger.open(tmp_path).seq == 0
    export_log.record(tmp_path, OVERDUE, AT)
    for _ in range(2):
        export_log.bind(tmp_path, AT)
    export_log.record(tmp_path, OVERDUE, AT)
    export_log.bind(tmp_path, AT)
    bound = list(Ledger.open(tmp_path).lines("export"))
    assert [line.body["entries"] for line in bound] == [1, 2]
    assert [line.content_hash for line in bound] == [entry.hash for entry in export_log.entries(tmp_path)]


def test_where_the_log_cant_be_written_nothing_is_given_out(tmp_path):
    (tmp_path / FILE).mkdir(parents=True)
    with pytest.raises(PublishingError, match="not given out"):
        export_log.record(tmp_path, OVERDUE, AT)


def test_a_line_is_plain_json_that_a_stranger_can_check(tmp_path):
    import hashlib

    export_log.record(tmp_path, OVERDUE, AT)
    (line,) = lines(tmp_path)
    body = json.loads(line)
    stated = body.pop("hash")
    again = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert hashlib.sha256(again.encode()).hexdigest() == stated
