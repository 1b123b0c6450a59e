"""Fault 3: disk full: one message, the last good snapshot is read, nothing half written has a final name, a rerun converges."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aftermath import published_marts, require_a_sentence, require_balance, require_sound
from command import CommandResult, promisekept
from world import World

from promisekept.publishing.last_good import find_shown
from promisekept.publishing.reader import open_current

pytestmark = pytest.mark.slow

AS_OF = "2026-06-01T00:00:00+00:00"
LATER = "2026-06-02T00:00:00+00:00"
ROOM = "200m"


def mount(place: Path, size: str) -> bool:
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def resize(place: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)


def used(place: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in place.rglob("*") if file.is_file())


def a_world(folder: Path, home: Path) -> World:
    world = World(folder)
    world.configure(home=str(home))
    (folder / "keys" / "pseudonym.key").write_text("ab" * 32, encoding="ascii")
    for number in range(3):
        world.request(f"r{number}", received=f"2026-01-0{5 + number}")
    world.deliver()
    return world


def run(world: World, as_of: str = AS_OF) -> CommandResult:
    return promisekept("run", "--config", world.folder, "--as-of", as_of)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    if not mount(place, ROOM):
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def require_clean(result: CommandResult) -> None:
    require_a_sentence(result)
    assert result.code == 2, result
    assert result.err.count("Free space") == 1, result.err


def test_a_disk_that_is_full_at_each_stage_ends_a_run_with_one_message_and_the_next_run_is_the_reference(small, tmp_path):
    """Room grows from nothing until a run succeeds: landing, building and writing the candidate fail in turn."""
    world = a_world(tmp_path / "project", small)
    failed = 0
    for size in ("16k", "256k", "4m", "12m", "20m"):
        resize(small, size)
        result = run(world)
        if result.code == 0:
            break
        failed += 1
        require_clean(result)
        assert not list((small / "snapshots").glob("[0-9]*-*")), size
    assert failed >= 3, "the disk was never full"
    resize(small, ROOM)
    result = run(world)
    assert result.code == 0, result.err
    require_sound(small, allowed=())
    require_balance(small)

    undisturbed = a_world(tmp_path / "undisturbed", tmp_path / "home")
    assert run(undisturbed).code == 0
    assert published_marts(small) == published_marts(tmp_path / "home")


def test_a_disk_that_fills_up_after_a_publication_leaves_it_readable(small, tmp_path):
    world = a_world(tmp_path / "project", small)
    assert run(world).code == 0
    with open_current(small) as snapshot:
        before = snapshot.id
    resize(small, f"{used(small) // 1024 + 64}k")
    require_clean(run(world, LATER))
    assert (find_shown(small).id, find_shown(small).damaged) == (before, None)
    resize(small, ROOM)
    result = run(world, LATER)
    assert result.code == 0, result.err
    require_sound(small, allowed=())
