"""Fault 23: pointer corrupt/missing/pointing to a deleted file: readers see the newest intact snapshot, fsck repairs CURRENT.

The same holds where the current snapshot itself is damaged or gone; the next publication is whole again.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command import promisekept
from small_snapshots import a_candidate, a_verdict, publish
from world import World

from promisekept.errors import PublishingError
from promisekept.publishing.fsck import fsck, repair_pointer
from promisekept.publishing.last_good import find_shown
from promisekept.publishing.reader import open_current
from promisekept.publishing.store import SnapshotStore


def garbage(home: Path) -> None:
    (home / "CURRENT").write_bytes(b'{"sequence": 2, \xff')


def another_document(home: Path) -> None:
    (home / "CURRENT").write_text("[1, 2]\n", encoding="utf-8")


def missing(home: Path) -> None:
    (home / "CURRENT").unlink()


def a_folder(home: Path) -> None:
    (home / "CURRENT").unlink()
    (home / "CURRENT").mkdir()


def names_what_is_not_there(home: Path) -> None:
    text = (home / "CURRENT").read_text(encoding="utf-8")
    (home / "CURRENT").write_text(text.replace("0002-", "0009-"), encoding="utf-8")


POINTERS = [garbage, another_document, missing, a_folder, names_what_is_not_there]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path)
    publish(tmp_path, numerator=8)
    return tmp_path


def ids(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "snapshots").iterdir())


@pytest.mark.parametrize("damage", POINTERS)
def test_a_damaged_pointer_hides_no_snapshot_and_fsck_repairs_it(home, damage):
    damage(home)
    first, second = ids(home)
    shown = find_shown(home)
    assert (shown.id, shown.damaged) == (second, "CURRENT")
    [problem] = fsck(home)
    assert (problem.where, "fsck --repair" in problem.remedy) == ("CURRENT", True)
    repair_pointer(home)
    assert fsck(home) == []
    assert (find_shown(home).id, find_shown(home).damaged) == (second, None)
    assert first in ids(home)


def test_a_sound_pointer_is_left_as_it_is(home):
    candidate = a_candidate(home, numerator=7)
    SnapshotStore(home).reject(a_verdict(candidate, passed=False), candidate.provenance.as_of)
    before = (home / "CURRENT").read_bytes()
    repair_pointer(home)
    assert (home / "CURRENT").read_bytes() == before, "the banner of the rejected run is gone"


def folder_gone(folder: Path) -> None:
    shutil.rmtree(folder)


def manifest_gone(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def manifest_changed(folder: Path) -> None:
    rewrite(folder / "manifest.json", lambda content: content.replace(b"Example", b"Exemple"))


def marts_cut(folder: Path) -> None:
    rewrite(folder / "snapshot.duckdb", lambda content: content[: len(content) // 2])


def history_cut(folder: Path) -> None:
    rewrite(folder / "history.duckdb", lambda content: content[:100])


def rewrite(file: Path, change) -> None:
    content = change(file.read_bytes())
    file.chmod(0o644)
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [folder_gone, manifest_gone, manifest_changed, marts_cut, history_cut])
def test_a_damaged_current_snapshot_leaves_the_one_before_it(home, damage):
    first, second = ids(home)
    damage(home / "snapshots" / second)
    shown = find_shown(home)
    assert (shown.id, shown.damaged) == (first, second)
    assert any("promisekept restore" in problem.remedy and f"rollback {first}" in problem.remedy for problem in fsck(home))


@pytest.mark.parametrize("damage", [folder_gone, manifest_gone, marts_cut])
def test_publishing_the_same_again_makes_a_damaged_snapshot_good(home, damage):
    """Nothing had landed and no figure differed, so the damaged snapshot would have stayed current for good."""
    _, second = ids(home)
    damage(home / "snapshots" / second)
    third = publish(home, numerator=8)
    assert third.id != second
    with open_current(home) as snapshot:
        assert snapshot.id == third.id


def test_a_folder_that_was_never_published_is_not_shown(home):
    _, second = ids(home)
    shutil.copytree(home / "snapshots" / second, home / "snapshots" / "0003-abcdef")
    missing(home)
    assert find_shown(home).id == second


def test_where_nothing_is_intact_the_message_names_both_remedies(home):
    for name in ids(home):
        folder_gone(home / "snapshots" / name)
    with pytest.raises(PublishingError, match=r"(?s)No published snapshot can be read.*fsck.*restore"):
        find_shown(home)


def test_a_rejected_run_keeps_the_pointer_that_was_lost_before_it(home):
    _, second = ids(home)
    candidate = a_candidate(home, numerator=7)
    missing(home)
    SnapshotStore(home).reject(a_verdict(candidate, passed=False), candidate.provenance.as_of)
    with open_current(home) as snapshot:
        assert (snapshot.id, snapshot.current["refused"]["failed"] > 0) == (second, True)


def test_the_command_repairs_the_pointer(tmp_path):
    world = World(tmp_path)
    home = world.settings.home
    publish(home)
    garbage(home)
    result = promisekept("fsck", "--config", world.folder)
    assert (result.code, "fsck --repair" in result.out) == (1, True), result
    result = promisekept("fsck", "--repair", "--config", world.folder)
    assert (result.code, "Sound" in result.out) == (0, True), result
