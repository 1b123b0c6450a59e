"""A figure of a closed period that changes is restated: old, new and why, and only those that did change.

The story of one help desk, published again and again: each chapter changes one thing, and the restatements must be the
figures that differ between both snapshots, with that thing as their cause.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from command import promisekept
from small_snapshots import a_verdict, publish_candidate, roll_back
from world import World, help_desk

from orchestration import pipeline
from promisekept.policy import keep_pack
from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_snapshot
from promisekept.publishing.store import Snapshot, SnapshotStore
from promisekept.restatement.comparison import FIGURES, KEY
from promisekept.sources.landing.reland import reland, retry_rejects
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow


@dataclass
class Chapter:
    """What one publication stated: its restatements by key, and its figures."""

    snapshot: Snapshot
    restated: dict[tuple[Any, ...], dict[str, Any]]
    figures: dict[tuple[Any, ...], tuple[Any, ...]]
    as_of: date

    @property
    def whys(self) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Every combination of causes and batches."""
        return {(tuple(row["causes"]), tuple(row["batches"])) for row in self.restated.values()}

    @property
    def closed(self) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """The figures of periods that were over."""
        return {key: figure for key, figure in self.figures.items() if key[3] is not None and key[3] <= self.as_of}

    def differs_from(self, earlier: Chapter) -> set[tuple[Any, ...]]:
        """Which figures that were closed in both are others, new or gone: compared here, without the program."""
        until = min(self.as_of, earlier.as_of)
        keys = {key for key in {*self.closed, *earlier.closed} if key[3] <= until}
        return {key for key in keys if self.closed.get(key) != earlier.closed.get(key)}


class Publisher(World):
    """A world whose runs are published, without the gates: what they decide is tested elsewhere."""

    def publish(self, as_of: str, now: str | None = None, known_at: str | None = None) -> Chapter:
        at = self.instant(now or as_of)
        keep_pack(pipeline.read_pack(self.settings), self.settings.home, Ledger.open(self.settings.home), at)
        build = self.prepare(as_of, known_at=known_at, now=at)
        self.make(build, ["fct_metrics", "dim_metrics"])
        candidate = pipeline.write(build)
        snapshot = publish_candidate(self.settings.home, candidate, a_verdict(candidate), at)
        return self.read(snapshot, as_of)

    def read(self, snapshot: Snapshot, as_of: str) -> Chapter:
        with open_snapshot(self.settings.home, snapshot.id) as reader:
            figures = reader.cursor().execute(f"select {', '.join((*KEY, *FIGURES))} from marts.fct_metrics").fetchall()
            cursor = reader.cursor().execute("select * from history.fct_restatements where snapshot = ?", [snapshot.id])
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        restated = {tuple(row[name] for name in KEY): row for row in rows}
        assert len(restated) == len(rows), "a figure was restated twice"
        assert snapshot.restatements == len(rows)
        day = date.fromisoformat(as_of[:10])
        return Chapter(snapshot, restated, {row[:6]: row[6:] for row in figures}, day)

    @property
    def batches(self) -> list[str]:
        """The ids of all that landed."""
        return [line.body["batch_id"] for line in Ledger.open(self.settings.home).lines("batch")]


def month(code: str, start: str, dimension: str = "all", value: str = "all") -> tuple[Any, ...]:
    first = date.fromisoformat(start)
    return (code, "month", first, (first + timedelta(days=31)).replace(day=1), dimension, value)


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> dict[str, Any]:
    world = Publisher(tmp_path_factory.mktemp("story"))
    published_by_step: dict[str, Any] = {"world": world}
    world.request("january", received="2026-01-10").fulfilled("2026-01-20")
    february = world.request("february", received="2026-02-10")
    world.request("forgotten", received="2026-02-12")
    published_by_step["first"] = world.publish("2026-03-02")
    published_by_step["nothing new"] = world.publish("2026-03-03")
    published_by_step["time went by"] = world.publish("2026-03-13")
    february.fulfilled("2026-03-14")
    published_by_step["answered later"] = world.publish("2026-03-15")
    late = world.request("late", received="2026-01-12", jurisdiction="FR")
    late.fulfilled("2026-01-30")
    world.request("march", received="2026-03-15")
    published_by_step["late"] = world.publish("2026-03-16")
    shutil.copytree(world.folder, world.folder.with_name("as it lay"))
    world.deliver([late.events[1] | {"occurred_at": "2026-02-20T12:00:00+01:00", "revision": 1}])
    published_by_step["corrected"] = world.publish("2026-03-17")
    world.deliver([late.events[1] | {"event_type": "denied", "reason_code": "exempt", "revision": 1}])
    published_by_step["contradicted"] = world.publish("2026-03-18")
    world.change_rule("eu_gdpr.access.2018-05-25", response_n="2")
    published_by_step["another law"] = world.publish("2026-03-18", now="2026-03-18T13:00:00+00:00")
    world.change_rule("eu_gdpr.access.2018-05-25", response_n="1")
    world.request("late too", received="2026-01-13").fulfilled("2026-01-19")
    published_by_step["law and late"] = world.publish("2026-03-19")
    world.deliver([world.requests["late too"].events[1] | {"event_id": "refused", "event_type": "answered"}])
    published_by_step["refused"] = world.publish("2026-03-20")
    world.configure(help_desk("helpdesk", inbox="requests") | {"skip": "request_id = 'late too'"})
    reland(
        world.settings,
        Ledger.open(world.settings.home),
        "helpdesk",
        world.batches[-2],
        reason="a test",
        now=world.instant("2026-03-21"),
    )
    published_by_step["landed again"] = world.publish("2026-03-21")
    published_by_step["looking back"] = world.publish("2026-02-15", now="2026-03-22")
    published_by_step["back again"] = world.publish("2026-03-22")
    restored = roll_back(world.settings.home, published_by_step["corrected"].snapshot.id, world.instant("2026-03-23"))
    published_by_step["rolled back"] = world.read(restored, "2026-03-17")
    return published_by_step


CHAPTERS = (
    *(("first", "nothing new"), ("nothing new", "time went by"), ("time went by", "answered later"), ("answered later", "late")),
    *(("late", "corrected"), ("corrected", "contradicted"), ("contradicted", "another law"), ("another law", "law and late")),
    *(("law and late", "refused"), ("refused", "landed again"), ("landed again", "looking back"), ("back again", "rolled back")),
)


def test_the_first_snapshot_restates_nothing(story):
    assert story["first"].restated == {}
    assert len(story["first"].closed) > 50


@pytest.mark.parametrize(("before", "after"), CHAPTERS)
def test_the_restatements_are_exactly_the_closed_figures_that_differ(story, before, after):
    earlier, later = story[before], story[after]
    assert set(later.restated) == later.differs_from(earlier)
    for key, row in later.restated.items():
        old, new = earlier.closed.get(key), later.closed.get(key)
        assert tuple(row[f"old_{name}"] for name in FIGURES) == (old or (None,) * 4)
        assert tuple(row[f"new_{name}"] for name in FIGURES) == (new or (None,) * 4)
        assert row["change"] == ("new" if old is None else "gone" if new is None else "changed")


WHY = {
    "time went by": ["later_event"],
    "answered later": ["later_event"],
    "late": ["late_rows"],
    "corrected": ["correction"],
    "contradicted": ["conflict"],
    "another law": ["law"],
    "refused": ["late_rows"],
    "landed again": ["correction"],
}


@pytest.mark.parametrize(("chapter", "causes"), WHY.items(), ids=WHY.keys())
def test_each_thing_that_changes_is_the_only_cause(story, chapter, causes):
    assert story[chapter].restated
    assert {why[0] for why in story[chapter].whys} == {tuple(causes)}


def test_where_several_causes_hold_all_are_named_in_order(story):
    assert {why[0] for why in story["law and late"].whys} == {("late_rows", "law")}
    row = story["law and late"].restated[month("requests_received", "2026-01-01")]
    assert len(row["batches"]) == 1
    assert any(version.startswith("pack ") and version.endswith(": regimes") for version in row["versions"])


def test_a_restatement_names_the_delivery_that_brought_it(story):
    lines = {line.body["batch_id"]: line.at.date() for line in Ledger.open(story["world"].settings.home).lines("batch")}
    for chapter, day in (("answered later", 15), ("late", 16), ("corrected", 17), ("contradicted", 18), ("landed again", 21)):
        batches = {batch for row in story[chapter].restated.values() for batch in row["batches"]}
        assert {lines[batch] for batch in batches} == {date(2026, 3, day)}, chapter


def test_nothing_new_restates_nothing(story):
    assert story["nothing new"].snapshot.sequence == 2
    assert story["nothing new"].restated == {}


def test_where_only_time_went_by_no_delivery_is_blamed(story):
    row = story["time went by"].restated[month("max_achievable_adherence", "2026-02-01")]
    assert (row["old_value"], row["new_value"], row["batches"]) == (1, 0, [])
    assert row["versions"] == ["as_of 2026-03-03T12:00:00+00:00 -> 2026-03-13T12:00:00+00:00"]


def test_a_late_request_restates_what_counts_it_and_no_more(story):
    restated = set(story["late"].restated)
    assert month("requests_received", "2026-01-01") in restated
    assert month("requests_received", "2026-01-01", "jurisdiction", "FR") in restated
    assert month("requests_received", "2026-01-01", "jurisdiction", "IE") not in restated
    assert month("requests_received", "2026-02-01") not in restated
    row = story["late"].restated[month("requests_received", "2026-01-01", "jurisdiction", "FR")]
    assert (row["change"], row["old_value"], row["new_value"]) == ("new", None, 1)


def test_open_periods_never_appear(story):
    chapters = [chapter for chapter in story.values() if isinstance(chapter, Chapter)]
    assert all(key[3] <= chapter.as_of for chapter in chapters for key in chapter.restated)
    changed = story["late"].figures[month("requests_received", "2026-03-01")]
    assert changed != story["answered later"].figures.get(month("requests_received", "2026-03-01"))


def test_a_look_back_is_compared_and_the_way_back_says_it_again(story):
    back, again = story["looking back"], story["back again"]
    assert {key[3] for key in back.restated} <= {date(2026, 2, 1)}
    # Periods that the look back left out are compared with the snapshot before it.
    assert {row["compared_with"] for row in again.restated.values()} <= {
        back.snapshot.id,
        story["landed again"].snapshot.id,
    }
    january = {key for key in again.restated if key[3] == date(2026, 2, 1)}
    assert january == {key for key in again.differs_from(back) if key[3] == date(2026, 2, 1)}
    others = {key for key in again.restated if key[3] > date(2026, 2, 1)}
    assert others == {key for key in again.differs_from(story["landed again"]) if key[3] > date(2026, 2, 1)}


def test_a_rollback_restates_with_the_causes_that_it_undoes(story):
    causes = {cause for why in story["rolled back"].whys for cause in why[0]}
    assert "conflict" in causes
    assert "code" not in causes


def test_the_marts_do_not_depend_on_what_was_published(story, tmp_path):
    """The same landing and pack, but nothing was ever published from it."""
    folder = story["world"].folder.with_name("as it lay")
    shutil.copytree(folder, tmp_path / "twin")
    home = tmp_path / "twin" / ".promisekept"
    for name in ("snapshots", "history"):
        shutil.rmtree(home / name)
    (home / "CURRENT").unlink()
    lines = list(Ledger.open(home).lines())
    (home / "landing" / "ledger.jsonl").unlink()
    ledger = Ledger.open(home)
    for line in lines:
        if line.kind in {"batch", "pack"}:
            ledger.append(line.kind, line.body, line.at, line.content_hash)
    twin = Publisher.__new__(Publisher)
    twin.__dict__ |= story["world"].__dict__ | {"folder": tmp_path / "twin", "events": []}
    published = twin.publish("2026-03-16")
    assert published.snapshot.sequence == 1
    assert published.restated == {}
    assert story["late"].restated
    assert published.snapshot.content_hash == story["late"].snapshot.content_hash


def test_the_figures_as_published_are_those_of_every_snapshot(story):
    home = story["world"].settings.home
    last = story["rolled back"].snapshot
    for chapter in (one for one in story.values() if isinstance(one, Chapter)):
        with open_snapshot(home, last.id) as reader:
            rows = reader.cursor().execute(
                f"""
                select {", ".join((*KEY, *FIGURES))} from history.figures_as_published
                where sequence <= $at and (until_sequence is null or until_sequence > $at) and not is_gone and period_end <= $day
                """,
                {"at": chapter.snapshot.sequence, "day": chapter.as_of},
            )
            assert {row[:6]: row[6:] for row in rows.fetchall()} == chapter.closed


def test_the_command_shows_old_new_and_why(story):
    folder = story["world"].folder
    names = [story[chapter].snapshot.id for chapter in ("answered later", "late")]
    result = promisekept("snapshots", "diff", *names, "--config", folder)
    batch = next(iter(story["late"].restated.values()))["batches"][0]
    assert f"requests_received month 2026-01-01: 1 -> 2 in {names[1]}: late_rows ({batch})" in result.out
    published_by_step = promisekept("snapshots", "diff", *names, "--config", folder, "--format", "json").json
    assert published_by_step["figures_restated"] == len(published_by_step["restatements"]) == len(story["late"].restated)
    assert {tuple(row["causes"]) for row in published_by_step["restatements"]} == {("late_rows",)}
    listed = promisekept("snapshots", "list", "--config", folder, "--format", "json").json["snapshots"]
    assert [entry["restatements"] for entry in listed if entry["id"] == names[1]] == [len(story["late"].restated)]


def test_everything_that_is_kept_is_sound(story):
    world = story["world"]
    assert fsck(world.settings.home) == []
    files = sorted(path.name for path in (world.settings.home / "history").iterdir())
    snapshots = SnapshotStore(world.settings.home).list()
    assert files == sorted(f"{snapshot.id}.parquet" for snapshot in snapshots)
    assert json.dumps([snapshot.restatements for snapshot in snapshots])


def test_what_was_rejected_and_landed_after_all_is_a_correction(tmp_path):
    world = Publisher(tmp_path)
    world.request("r", received="2026-01-10").fulfilled("2026-01-20")
    world.deliver()
    world.deliver(
        [
            {
                "event_id": "x",
                "request_id": "x",
                "event_type": "received",
                "occurred_at": "2026-01-11T10:00:00Z",
                "right_type": "access",
                "jurisdiction": "Eire",
                "channel": "email",
                "subject_ref": "x",
            }
        ]
    )
    world.publish("2026-02-02")
    rejected_file = world.folder / "inbox" / "requests" / "delivery-0002.jsonl"
    source = help_desk("helpdesk", inbox="requests")
    mapping = world.folder / "fix.sql"
    mapping.write_text("select * replace (replace(jurisdiction, 'Eire', 'IE') as jurisdiction) from source")
    assert rejected_file.exists()
    world.configure(source | {"mapping": "./fix.sql"})
    retry_rejects(world.settings, Ledger.open(world.settings.home), world.instant("2026-02-03"))
    fixed = world.publish("2026-02-03")
    assert fixed.restated
    assert {why[0] for why in fixed.whys} == {("correction",)}
