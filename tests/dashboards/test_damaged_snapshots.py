"""Where the current snapshot or the pointer is damaged, readers see the newest intact one, a banner, and no path."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from opened_pages import texts


@pytest.fixture
def two(home: Path, tmp_path: Path) -> tuple[Path, str, str]:
    """A home with two snapshots, and their ids."""
    copy = shutil.copytree(home, tmp_path / "home")
    first, second = sorted(path.name for path in (copy / "snapshots").glob("0*"))
    return copy, first, second


def flip(file: Path) -> None:
    """One bit in every 2 KB behind the headers: the file opens, and a question that reads it fails."""
    content = bytearray(file.read_bytes())
    for place in range(25_000, len(content), 2048):
        content[place] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)


def test_an_unreadable_pointer_shows_the_newest_snapshot_and_says_so(two, open_page):
    home, _, second = two
    (home / "CURRENT").write_bytes(b"{ \xff")
    said = texts(open_page(at=home))
    assert "The pointer to the newest snapshot can't be read." in said
    assert f"Snapshot **{second}**" in said
    assert "promisekept fsck" in said
    assert str(home) not in said
    assert "Error" not in said


def test_a_snapshot_that_is_gone_leaves_the_one_before_it(two, open_page):
    home, first, second = two
    shutil.rmtree(home / "snapshots" / second)
    said = texts(open_page(at=home))
    assert f"The newest snapshot, {second}, can't be read." in said
    assert f"Snapshot **{first}**" in said
    assert "Not the newest snapshot" not in said
    assert str(home) not in said


def test_bits_that_flipped_inside_the_current_snapshot_are_found_by_a_question(two, open_page):
    home, first, second = two
    flip(home / "snapshots" / second / "snapshot.duckdb")
    said = texts(open_page(at=home))
    assert f"The newest snapshot, {second}, can't be read." in said, said
    assert f"Snapshot **{first}**" in said
    assert "could not be shown" not in said


def test_where_nothing_is_intact_a_reader_gets_the_remedy_and_no_path(two, open_page):
    home, first, second = two
    for name in (first, second):
        shutil.rmtree(home / "snapshots" / name)
    said = texts(open_page(at=home))
    assert "No published snapshot can be read." in said.replace("\\", "")
    assert "promisekept restore" in said.replace("\\", "")
    assert str(home) not in said.replace("\\", "")
