"""Fault 8: bit rot in .duckdb: the build databases are built again from landing, one line reports it, figures are the reference.

A build database that another process has open is not damaged: the run names it and leaves it as it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aftermath import published_marts, require_a_sentence, require_sound
from command import CommandResult, promisekept
from world import World

from orchestration import pipeline
from orchestration.damaged_builds import is_damage
from promisekept.config.loading import load_settings
from promisekept.errors import LockHeld

pytestmark = pytest.mark.slow

SAYS = "a build database was damaged; both are built again from landing"
HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
BOTH = ("warehouse.duckdb", "outgoing.duckdb")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose facts the next run carries on."""
    world = World(tmp_path_factory.mktemp("built"))
    for number in range(3):
        world.request(f"r{number}", received=f"2026-01-0{5 + number}")
    world.deliver()
    assert run(world.folder, "2026-06-01").code == 0
    return world.folder


@pytest.fixture(scope="module")
def reference(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the next run publishes where nothing is damaged."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("reference") / "project")
    result = run(folder, "2026-06-02")
    assert (result.code, SAYS in result.err) == (0, False), result.err
    return published_marts(folder / ".promisekept")


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "project")


def run(folder: Path, as_of: str) -> CommandResult:
    return promisekept("run", "--config", folder, "--as-of", as_of)


def flip(database: Path) -> None:
    """One bit in every 2 KB behind the headers: the file opens, and a model that reads it fails."""
    content = bytearray(database.read_bytes())
    for place in range(25_000, len(content), 2048):
        content[place] ^= 1
    database.write_bytes(content)


@pytest.mark.parametrize("name", BOTH)
def test_bits_that_flipped_in_the_middle_are_found_by_a_model_and_one_run_fixes_them(project, reference, name):
    flip(project / ".promisekept" / name)
    result = run(project, "2026-06-02")
    assert (result.code, result.err.count(SAYS)) == (0, 1), result.err
    require_a_sentence(result)
    assert published_marts(project / ".promisekept") == reference
    require_sound(project / ".promisekept", allowed=())


def empty(database: Path) -> None:
    database.write_bytes(b"")


def cut(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:10_000])


def lose_the_header(database: Path) -> None:
    database.write_bytes(b"\0" * 64 + database.read_bytes()[64:])


def become_a_folder(database: Path) -> None:
    database.unlink()
    database.mkdir()
    (database / "of somebody else").write_text("kept", encoding="utf-8")


@pytest.mark.parametrize("damage", [empty, cut, lose_the_header, become_a_folder])
@pytest.mark.parametrize("name", BOTH)
def test_what_cannot_be_opened_is_built_from_scratch(project, name, damage):
    database = project / ".promisekept" / name
    damage(database)
    assert prepared(project).full_refresh
    if damage is become_a_folder:
        assert (database.with_name(f"{name}.aside") / "of somebody else").read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("name", BOTH)
def test_a_database_that_another_process_has_open_is_named_and_left_alone(project, name):
    database = project / ".promisekept" / name
    before = database.stat().st_ino
    with subprocess.Popen([sys.executable, "-c", HOLD, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(LockHeld, match=name) as refused:
            prepared(project)
        holder.communicate()
    assert not is_damage(refused.value)
    assert database.stat().st_ino == before
    assert not prepared(project).full_refresh


def prepared(folder: Path) -> pipeline.Build:
    settings = load_settings(folder)
    instants = pipeline.fix_instants(settings, datetime(2026, 6, 2, tzinfo=UTC), None)
    return pipeline.prepare(settings, instants, pipeline.read_pack(settings))
