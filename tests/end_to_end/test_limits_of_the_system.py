"""A run that may open few files: a sentence names the limit, and nothing is taken for damage.

A file that can't be opened today may be sound. A delivery was rejected as damaged, landed files were reported as changed, and the
build databases were thrown away (tests/test_system_errors.py, one by one).
"""

from __future__ import annotations

import resource
from functools import partial
from pathlib import Path

import duckdb
import pytest
from command import promisekept
from world import World, help_desk

pytestmark = pytest.mark.slow

MOST = (*range(9, 20), 22, 26, 32)
WRONG = ("fault of the program", "not what the ledger recorded", "damaged", "Deliver it again", "Traceback")


def limit_files(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def deliver(world: World, number: int) -> None:
    """One more request, as Parquet."""
    world.request(f"r{number}", received="2026-01-05")
    world.deliver()
    for file in (world.folder / "inbox" / "requests").glob("*.jsonl"):
        duckdb.execute(f"copy (select columns(*)::varchar from read_json('{file}')) to '{file.with_suffix('.parquet')}'")
        file.unlink()


def test_a_limit_of_open_files_is_named_and_nothing_is_taken_for_damage(tmp_path: Path):
    world = World(tmp_path / "world")
    world.configure(help_desk("helpdesk", inbox="requests") | {"reader": {"kind": "files", "path": "./inbox/requests/*.parquet"}})
    deliver(world, 0)
    assert promisekept("run", "--config", world.folder).code == 0
    deliver(world, 1)
    met = []
    for most in MOST:
        result = promisekept("run", "--config", world.folder, prepare=partial(limit_files, most))
        assert result.code in {0, 2}, result.err
        assert not [words for words in WRONG if words in result.err + result.out], result.err
        met.append("ulimit -n" in result.err)
    assert any(met)
    after = promisekept("run", "--config", world.folder)
    assert after.code == 0, after.err
    assert "no file is rejected" in promisekept("quarantine", "list", "--config", world.folder).out
