"""Large deliveries of several logs land side by side: the same rows, one unbroken ledger, and one failure that stops all."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.demo import LANDED_AT
from promisekept.errors import MachineError
from promisekept.publishing.fsck import fsck
from promisekept.sources.contract import contract
from promisekept.sources.landing import partitions
from promisekept.sources.landing.land import land
from promisekept.sources.landing.partitions import partition_sources
from promisekept.sources.landing.relations import attach
from promisekept.sources.zone import storage
from promisekept.sources.zone.ledger import Ledger

ARRIVAL = "batch_id, row_number"


@pytest.fixture
def copied(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo's folder with nothing landed, on a machine with cores for several lanes."""
    folder = tmp_path / "larkfield"
    shutil.copytree(project, folder)
    monkeypatch.setattr(partitions, "WORTH_IT", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    return load_settings(folder)


def rows(settings: Settings) -> dict[str, Counter[tuple[object, ...]]]:
    """What landed of each log and what was rejected, but for the batch and the place in it."""
    ledger = Ledger.open(settings.home)
    with duckdb.connect() as db:
        attach(db, settings, ledger, ledger.seq)
        return {
            name: Counter(db.execute(f"select columns(* exclude ({ARRIVAL}))::varchar from landing.{name}").fetchall())
            for name in (*contract(), "quarantine")
        }


@pytest.mark.slow
def test_side_by_side_the_same_rows_land_as_one_after_the_other(copied, settled):
    alone, landed_alone = settled
    landed = land(copied, Ledger.open(copied.home), LANDED_AT)
    assert [one.seq for one in landed] == list(range(1, len(landed) + 1))
    assert {one.path: one.counts for one in landed} == {one.path: one.counts for one in landed_alone}
    assert [one.source for one in landed] != [one.source for one in landed_alone], "nothing was landed side by side"
    assert fsck(copied.home) == []
    assert rows(copied) == rows(alone)
    assert land(copied, Ledger.open(copied.home), LANDED_AT) == []


@pytest.mark.slow
def test_a_failure_in_one_lane_stops_the_others_and_the_next_run_goes_on(copied, settled, monkeypatch):
    write = storage.write_rows
    written = Counter()

    def full(connection, landing, folder, sql, parameters):
        written[folder] += 1
        if folder == "consents" and written[folder] == 2:
            raise MachineError("the disk is full")
        return write(connection, landing, folder, sql, parameters)

    monkeypatch.setattr("promisekept.sources.landing.recording.write_rows", full)
    with pytest.raises(MachineError, match="the disk is full"):
        land(copied, Ledger.open(copied.home), LANDED_AT)
    monkeypatch.undo()
    assert fsck(copied.home) == []
    alone, landed_alone = settled
    assert Ledger.open(copied.home).seq < len(landed_alone)
    land(copied, Ledger.open(copied.home), LANDED_AT)
    assert rows(copied) == rows(alone)
    assert fsck(copied.home) == []


@dataclass(frozen=True)
class One:
    """As much of a source as dividing asks for."""

    name: str
    log: str


def test_sources_of_one_log_stay_together_and_the_largest_logs_part(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    names = {"desk": "requests", "legacy": "requests", "cmp": "consents", "crm": "disclosures", "scan": "retention"}
    sources = [One(name, log) for name, log in names.items()]
    sizes = {"desk": 10, "legacy": 20, "cmp": partitions.WORTH_IT, "crm": partitions.WORTH_IT // 2}
    divided = [[source.name for source in lane] for lane in partition_sources(sources, sizes)]
    assert divided == [["cmp"], ["desk", "legacy", "crm", "scan"]]
    assert len(partition_sources(sources, {"cmp": partitions.WORTH_IT})) == 1, (
        "of one log alone nothing can be landed side by side"
    )
    assert len(partition_sources(sources, {"cmp": 100, "crm": 100})) == 1, "small deliveries land in one order each time"
