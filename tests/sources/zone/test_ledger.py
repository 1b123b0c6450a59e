"""The ledger: what was written stays written, and every change of it is seen."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promisekept.sources.zone import ledger as ledger_module
from promisekept.sources.zone.ledger import GENESIS, Ledger, LedgerError, checked_once, verify_file
from promisekept.sources.zone.ledger import _line as read_line
from promisekept.sources.zone.merkle import MerkleTree

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_ledger(home, lines=3):
    ledger = Ledger.open(home)
    for number in range(1, lines + 1):
        ledger.append("batch", {"rows": number}, NOON + timedelta(hours=number), f"{number:064x}")
    return ledger


def rewrite(ledger, change):
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    ledger.path.write_bytes(b"".join(change(lines)))


def recursive_root(leaves):
    """RFC 9162, 2.1.1, as the standard writes it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + recursive_root(leaves[:split]) + recursive_root(leaves[split:])).digest()


def test_a_home_without_a_ledger_has_an_empty_one(tmp_path):
    ledger = Ledger.open(tmp_path)
    assert (ledger.seq, ledger.head, list(ledger.lines())) == (0, GENESIS, [])
    assert ledger.extends(0, ledger.merkle_root)
    assert ledger.verify() == []
    assert not ledger.path.exists()


def test_a_line_is_read_back_as_it_was_written(tmp_path):
    written = Ledger.open(tmp_path).append("batch", {"b": [1, "é\u2028"], "a": None}, NOON, "f" * 64)
    again = Ledger.open(tmp_path)
    assert again.line(1) == written
    assert again.line(1).body == {"b": [1, "é\u2028"], "a": None}
    assert again.line(1).at == NOON
    assert again.head == written.hash


def test_lines_are_chosen_by_kind_and_by_the_last_known_sequence(tmp_path):
    ledger = a_ledger(tmp_path)
    ledger.append("snapshot", {}, NOON, "0" * 64)
    assert [line.seq for line in ledger.lines("batch", until=2)] == [1, 2]
    assert [line.seq for line in ledger.lines("snapshot")] == [4]


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_root_is_that_of_rfc_9162(leaves):
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root == recursive_root(leaves).hex()


def test_the_root_of_the_certificate_transparency_test_vectors():
    leaves = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
    tree = MerkleTree()
    for leaf in leaves[:1]:
        tree.add(leaf)
    assert tree.root == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    for leaf in leaves[1:]:
        tree.add(leaf)
    assert tree.root == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_a_stranger_checks_a_line_with_nothing_but_its_bytes(tmp_path):
    raw = a_ledger(tmp_path).path.read_bytes().splitlines()[1]
    stated = json.loads(raw)
    assert hashlib.sha256(raw[: raw.rindex(b',"hash":"')] + b"}").hexdigest() == stated["hash"]


def test_a_ledger_extends_each_of_its_own_past_states_and_no_other(tmp_path):
    ledger = a_ledger(tmp_path, 7)
    past = [(line.seq, line.merkle_root) for line in ledger.lines()]
    assert all(ledger.extends(size, root) for size, root in past)
    assert not ledger.extends(3, past[4][1])
    assert not ledger.extends(8, ledger.merkle_root)
    assert not ledger.extends(0, ledger.merkle_root)


CHANGES = [
    (lambda lines: [lines[0], lines[1].replace(b'"rows":2', b'"rows":9'), lines[2]], 2, "hash"),
    (lambda lines: [lines[0], lines[2]], 2, "seq"),
    (lambda lines: [lines[1], lines[2]], 1, "seq"),
    (lambda lines: [lines[0], lines[2], lines[1]], 2, "seq"),
    (lambda lines: [lines[0], lines[0], lines[1], lines[2]], 2, "seq"),
    (lambda lines: [lines[0], b"nonsense\n", lines[2]], 2, "the whole line"),
    (lambda lines: [lines[0], b"{}\n", lines[2]], 2, "the whole line"),
    (lambda lines: [lines[0], b"\x00" * 40 + b"\n", lines[2]], 2, "the whole line"),
]


@pytest.mark.parametrize("opened", [nullcontext, checked_once])
@pytest.mark.parametrize(("change", "line", "field"), CHANGES)
def test_a_changed_ledger_is_rejected_with_line_field_and_remedy(tmp_path, change, line, field, opened):
    with opened():
        ledger = a_ledger(tmp_path)
        assert Ledger.open(tmp_path).seq == 3
        rewrite(ledger, change)
        with pytest.raises(LedgerError, match=rf"line {line}, {field}: .*\n.*backup"):
            Ledger.open(tmp_path)
    first = ledger.verify()[0]
    assert (first.seq, first.field) == (line, field)


def test_a_ledger_that_is_opened_once_more_is_read_from_where_it_ended(tmp_path, monkeypatch):
    """A run opens its ledger ten times: line by line, a run with nothing new took as long as its history is."""
    a_ledger(tmp_path, 20)
    read = []
    monkeypatch.setattr(ledger_module, "_line", lambda raw: read.append(raw) or read_line(raw))
    with checked_once():
        first = Ledger.open(tmp_path)
        for number in (21, 22):
            Ledger.open(tmp_path).append("batch", {"rows": number}, NOON, "0" * 64)
        again = Ledger.open(tmp_path)
        assert first.seq == 20, "an older reader keeps what it knew"
        assert len(read) == 20 + 4, "each new line as it is written, and as it is read"
        assert again.extends(20, first.merkle_root)
    whole = Ledger.open(tmp_path)
    assert len(read) == 24 + 22, "afterwards every line is checked"
    assert list(whole.lines()) == list(again.lines())
    assert whole.merkle_root == again.merkle_root


@pytest.mark.parametrize("keep", [1, 40, -1])
def test_a_torn_line_is_none_for_whoever_opens_the_ledger_once_more(tmp_path, keep):
    ledger = a_ledger(tmp_path)
    with checked_once():
        Ledger.open(tmp_path)
        whole = ledger.path.read_bytes()
        ledger.path.write_bytes(whole + whole.splitlines(keepends=True)[-1][:keep])
        assert (Ledger.open(tmp_path).seq, Ledger.open(tmp_path).torn != b"") == (3, True)
        ledger.path.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
        assert Ledger.open(tmp_path).seq == 2, "one that was put back is checked as a whole"
        assert Ledger.open(tmp_path).append("batch", {}, NOON, "0" * 64).seq == 3
        assert Ledger.open(tmp_path).seq == 3


def test_one_changed_line_is_one_problem(tmp_path):
    ledger = a_ledger(tmp_path, 9)
    rewrite(ledger, lambda lines: [raw.replace(b'"rows":4', b'"rows":5') for raw in lines])
    assert [(problem.seq, problem.field) for problem in ledger.verify()] == [(4, "hash")]


def test_a_line_rewritten_with_a_fitting_hash_is_seen_at_the_next_one(tmp_path):
    ledger = a_ledger(tmp_path)

    def forge(lines):
        cheat = lines[1].replace(b'"rows":2', b'"rows":9')
        body = cheat[: cheat.rindex(b'","hash":"')]
        forged = body + b'","hash":"' + hashlib.sha256(body + b'"}').hexdigest().encode() + b'"}\n'
        return [lines[0], forged, lines[2]]

    rewrite(ledger, forge)
    assert [(problem.seq, problem.field) for problem in ledger.verify()] == [(2, "merkle_root"), (3, "previous")]


@pytest.mark.parametrize("keep", [1, 40, -1])
def test_a_line_torn_by_a_crash_is_reported_by_a_reader_and_cut_by_the_next_append(tmp_path, keep):
    ledger = a_ledger(tmp_path)
    whole = ledger.path.read_bytes()
    third = whole.splitlines(keepends=True)[2]
    ledger.path.write_bytes(whole[: -len(third)] + third[:keep])

    again = Ledger.open(tmp_path)
    assert again.seq == 2
    assert again.torn == third[:keep]
    assert [problem.seq for problem in again.verify()] == [3]

    again.append("batch", {"rows": 33}, NOON, "0" * 64)
    assert [line.body["rows"] for line in Ledger.open(tmp_path).lines()] == [1, 2, 33]
    assert again.verify() == []


def test_a_second_ledger_of_the_same_home_appends_after_the_first(tmp_path):
    one, two = Ledger.open(tmp_path), Ledger.open(tmp_path)
    one.append("batch", {}, NOON, "1" * 64)
    assert two.append("snapshot", {}, NOON, "2" * 64).seq == 2
    assert Ledger.open(tmp_path).seq == 2


def test_an_append_that_fails_on_a_full_disk_leaves_the_ledger_as_it_was(tmp_path, monkeypatch):
    ledger = a_ledger(tmp_path)
    before = ledger.path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LedgerError, match="No space left on device"):
        ledger.append("batch", {}, NOON, "0" * 64)
    monkeypatch.undo()
    assert ledger.path.read_bytes() == before
    assert ledger.append("batch", {}, NOON, "0" * 64).seq == 4
    assert Ledger.open(tmp_path).seq == 4


def test_a_text_that_no_utf8_can_hold_is_not_recorded(tmp_path):
    """The reason of somebody whose terminal is not UTF-8 would keep every later run from building."""
    ledger = a_ledger(tmp_path)
    before = ledger.path.read_bytes()
    with pytest.raises(LedgerError, match=r'"reason": "caf\\udce9"}` holds bytes that are no UTF-8, .*nothing was'):
        ledger.append("batch", {"reason": os.fsdecode(b"caf\xe9")}, NOON + timedelta(days=1), "0" * 64)
    assert ledger.path.read_bytes() == before
    assert ledger.append("batch", {"reason": "é😀"}, NOON + timedelta(days=1), "0" * 64).body == {"reason": "é😀"}


def test_an_instant_without_an_offset_is_rejected(tmp_path):
    with pytest.raises(ValueError, match="offset"):
        Ledger.open(tmp_path).append("batch", {}, datetime(2026, 1, 1), "0" * 64)  # noqa: DTZ001


@given(st.integers(0, 2000), st.integers(0, 255))
@settings(max_examples=150)
def test_no_changed_byte_goes_unnoticed(tmp_path_factory, position, value):
    home = tmp_path_factory.getbasetemp() / "one_byte"
    if not (home / "landing").exists():
        a_ledger(home, 4)
    path = Ledger(home / "landing" / "ledger.jsonl").path
    whole = path.read_bytes()
    position %= len(whole)
    changed = whole[:position] + bytes([value]) + whole[position + 1 :]
    other = path.with_name("changed.jsonl")
    other.write_bytes(changed)
    assert bool(verify_file(other)) == (changed != whole)


def test_a_kind_of_line_that_no_reader_reads_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="`transfer` is none of KINDS"):
        Ledger.open(tmp_path).append("transfer", {}, NOON, "0" * 64)
    assert not (tmp_path / "landing").exists()
