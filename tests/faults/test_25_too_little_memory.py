"""Fault 25: memory far too small: the run names it in a sentence, publishes nothing, and one rerun with enough is the reference.

DuckDB may take 64 MB, and its temporary files have no room: they lie on a file system of 1 MB.
"""

from __future__ import annotations

import subprocess

import duckdb
import pytest
from aftermath import require_balance, require_sound
from source_project import Project, answered, received

from promisekept.errors import LandingError
from promisekept.sources.landing.land import land
from promisekept.sources.sandbox import sandbox_database

pytestmark = pytest.mark.slow

FACTS = "select count(*), min(event_id), max(event_id) from landing.requests"
SORTED = (
    "select max(text) from (select text from (select sha256(n::varchar) as text from range(4_000_000) as t(n)) order by text)"
)


def test_what_exceeds_the_memory_is_written_to_temporary_files_and_they_are_gone_afterwards(tmp_path):
    """DuckDB makes no folder above the one that it is given: whatever had to spill failed as a fault of the program."""
    project = a_project(tmp_path)
    with sandbox_database(limited(project, None, memory="128MB")) as connection:  # each thread that sorts needs some of it
        assert len(connection.execute(SORTED).fetchall()) == 1
    assert not project.settings.home.exists()


@pytest.fixture
def no_room(tmp_path):
    place = tmp_path / "spill"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def a_project(folder):
    (folder / "project").mkdir()
    return Project(folder / "project")


def limited(project, place, memory="64MB"):
    settings = project.settings
    engine = settings.engine.model_copy(update={"memory_limit": memory, "temp_directory": place})
    return settings.model_copy(update={"engine": engine})


def test_a_landing_that_has_too_little_memory_lands_nothing_and_the_next_one_lands_all(tmp_path, no_room):
    project = a_project(tmp_path)
    rows = [answered(event_id=f"e{n:06d}", evidence_ref=f"https://dms.example.org/{n:064d}") for n in range(150_000)]
    project.file("a.csv", [received(event_id="a"), *rows])
    with pytest.raises(LandingError, match="needs more memory or space") as caught:
        land(limited(project, no_room), project.ledger, project.now)
    assert "Free some and run again" in str(caught.value)
    assert project.ledger.seq == 0
    require_sound(project.settings.home, allowed=())
    project.land()
    assert project.query(FACTS) == [(150_001, "a", "e149999")]
    require_balance(project.settings.home)


def test_a_connection_that_ran_out_of_memory_can_be_used_again(tmp_path, no_room):
    project = a_project(tmp_path)
    with sandbox_database(limited(project, no_room)) as connection:
        with pytest.raises(duckdb.OutOfMemoryException):
            connection.execute(SORTED).fetchall()
        assert connection.execute("select 1").fetchall() == [(1,)]
