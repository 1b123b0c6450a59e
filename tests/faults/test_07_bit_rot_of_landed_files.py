"""Fault 7: bit rot in Parquet/raw: each of 60 flipped bytes stops the run before a row is read, and the backup ends it."""

from __future__ import annotations

import random

import pytest
from aftermath import require_balance
from source_project import Project, answered, received

from promisekept.errors import PromisekeptError
from promisekept.publishing.fsck import fsck

FACTS = "select event_id, event_type, occurred_at from landing.requests order by all"


def test_every_flipped_byte_of_a_landed_file_stops_the_run_and_is_named_with_its_remedy(tmp_path):
    project = Project(tmp_path)
    project.file("a.csv", [received(), *(answered(event_id=f"e{n}", evidence_ref=f"https://d.example/{n}") for n in range(500))])
    project.land()
    (landed,) = (project.settings.home / "landing" / "requests").glob("*.parquet")
    whole, facts = landed.read_bytes(), project.query(FACTS)
    landed.chmod(0o644)
    for position in random.Random(7).sample(range(len(whole)), 60):
        landed.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(PromisekeptError, match=r"SHA-256|changed|backup"):
            project.query(FACTS)
        (problem,) = fsck(project.settings.home)
        assert "the file was changed" in problem.says
        assert "Restore the file from a backup" in problem.remedy
    landed.write_bytes(whole)
    assert project.query(FACTS) == facts
    assert fsck(project.settings.home) == []
    require_balance(project.settings.home)
