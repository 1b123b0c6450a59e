"""Files that lie in an S3-compatible store, read from a real server over a socket."""

import gzip
import os
import random
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from object_gateway import INSTALLED, WHY_NOT, Relay, stored
from source_project import answered, as_csv, received

from promisekept.errors import LandingError
from promisekept.sources.extract import object_store
from promisekept.sources.extract.files import at_hand, find_files
from promisekept.sources.landing.dry_run import dry_run
from promisekept.sources.landing.reland import reland
from promisekept.sources.sandbox import literal

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not INSTALLED, reason=WHY_NOT)]


def as_parquet(rows, folder: Path) -> bytes:
    file = folder / "rows.parquet"
    csv = folder / "rows.csv"
    csv.write_text(as_csv(rows))
    duckdb.sql(f"copy (from read_csv({literal(str(csv))}, all_varchar = true)) to {literal(str(file))} (format parquet)")
    return file.read_bytes()


def many(first: int, last: int) -> list[dict]:
    return [answered(event_id=f"e{number}", evidence_ref=f"urn:{random.Random(number).getrandbits(512):x}")
            for number in range(first, last)]  # fmt: skip


def nothing_left(project) -> bool:
    return not [path for path in (project.folder / "home" / "landing").rglob("*") if path.is_file() and ".incoming" in str(path)]


def test_each_format_lands_from_the_store_and_only_what_matches_the_path(project, gateway, tmp_path):
    gateway.put("in/a.csv.gz", gzip.compress(as_csv([received()]).encode()))
    gateway.put("in/b.parquet", as_parquet([answered()], tmp_path))
    gateway.put("in/c.jsonl", b'{"event_id":"e3","occurred_at":"2026-03-21T10:00:00Z","request_id":"r1","event_type":"reopened"}')
    gateway.put("in/deeper/d.csv", as_csv([answered(event_id="e4")]).encode())
    stored(project, gateway)
    assert [landed.path for landed in project.land()] == [
        "s3://logs/in/a.csv.gz",
        "s3://logs/in/b.parquet",
        "s3://logs/in/c.jsonl",
    ]
    assert project.column("event_id") == ["e1", "e2", "e3"]
    assert project.land() == []
    stored(project, gateway, path="s3://logs/in/**/*.csv")
    assert project.land_one().path == "s3://logs/in/deeper/d.csv"
    assert nothing_left(project)


def test_what_is_new_is_seen_by_one_process_that_listed_before(project, gateway):
    stored(project, gateway)
    assert project.land() == []
    gateway.put("in/a.csv", as_csv([received()]).encode())
    assert project.land_one().counts["landed"] == 1
    gateway.put("in/b.csv", as_csv([answered()]).encode())
    assert project.land_one().path == "s3://logs/in/b.csv"


def test_an_object_overwritten_with_the_same_size_lands_again_and_a_copy_of_itself_does_not(project, gateway):
    stored(project, gateway)
    first, second = (as_csv([answered(event_id=name)]).encode() for name in ("e1", "e2"))
    assert len(first) == len(second)
    gateway.put("in/a.csv", first)
    project.land_one()
    gateway.put("in/a.csv", second)
    assert project.land_one().counts["landed"] == 1
    assert project.column("event_id") == ["e1", "e2"]
    gateway.put("in/a.csv", second)
    assert project.land() == []


def written_meanwhile(monkeypatch, gateway, contents):
    """Somebody writes the object anew just after the store was asked what it is."""
    ask = object_store._info

    def info(filesystem, path):
        listed = ask(filesystem, path)
        if (content := next(contents, None)) is not None:
            gateway.put("in/a.csv", content)
        return listed

    monkeypatch.setattr(object_store, "_info", info)


def test_an_object_that_is_written_while_it_is_read_is_read_again(project, gateway, monkeypatch):
    old, new = (as_csv([answered(event_id=name)]).encode() for name in ("e1", "e2"))
    gateway.put("in/a.csv", old)
    written_meanwhile(monkeypatch, gateway, iter([new]))
    stored(project, gateway)
    assert project.land_one().counts["landed"] == 1
    assert project.column("event_id") == ["e2"]
    assert project.land() == []


def test_an_object_that_is_written_without_end_is_left_for_another_day(project, gateway, monkeypatch):
    gateway.put("in/a.csv", as_csv([answered()]).encode())
    written_meanwhile(monkeypatch, gateway, (as_csv([answered(event_id=f"e{number}")]).encode() for number in range(100)))
    stored(project, gateway, store={"retries": 1})
    with pytest.raises(LandingError, match="it was written again while it was read, tried 2 times"):
        project.land()
    assert list(project.ledger.lines("batch")) == []


def test_an_object_cut_before_it_was_stored_is_held_back_and_lands_once_it_is_whole(project, gateway, tmp_path):
    stored(project, gateway)
    whole = as_parquet(many(0, 300), tmp_path)
    zipped = gzip.compress(as_csv(many(300, 600)).encode())
    gateway.put("in/a.parquet", whole[:-1000])
    gateway.put("in/b.csv.gz", zipped[:-1000])
    assert [landed.held_back for landed in project.land()] == ["unreadable_parquet", "broken_gzip"]
    gateway.put("in/a.parquet", whole)
    gateway.put("in/b.csv.gz", zipped)
    assert [landed.counts["landed"] for landed in project.land()] == [300, 300]


def test_a_server_killed_in_the_middle_of_an_object_and_started_again_is_waited_for(project, gateway):
    content = as_csv(many(0, 20_000)).encode()
    gateway.put("in/a.csv", as_csv([received(event_id="first")]).encode())
    gateway.put("in/b.csv", content)
    gateway.put("in/c.csv", as_csv([received(event_id="last")]).encode())

    def outage():
        gateway.kill()
        threading.Thread(target=lambda: (time.sleep(0.5), gateway.start())).start()

    relay = Relay(gateway.port, after=len(content) // 2, then=outage)
    stored(project, gateway, store={"endpoint_url": relay.url})
    landed = project.land()
    relay.close()
    assert relay.happened == 1
    assert [one.counts["landed"] for one in landed] == [1, 20_000, 1]
    assert project.query("select count(*), count(distinct event_id) from landing.requests") == [(20_002, 20_002)]
    assert project.land() == []


def test_a_server_that_stays_away_ends_the_run_and_the_next_one_takes_the_rest_once(project, gateway):
    content = as_csv(many(0, 20_000)).encode()
    gateway.put("in/a.csv", as_csv([received(event_id="first")]).encode())
    gateway.put("in/b.csv", content)
    relay = Relay(gateway.port, after=len(content) // 2, then=gateway.kill)
    stored(project, gateway, store={"endpoint_url": relay.url, "retries": 1})
    try:
        with pytest.raises(
            LandingError, match=r"sources\.helpdesk\.reader\.path: s3://logs/in/b\.csv can't be read: .*tried 2 times"
        ):
            project.land()
    finally:
        gateway.start()
        relay.close()
    assert project.column("event_id") == ["first"]
    assert nothing_left(project)
    stored(project, gateway)
    assert project.land_one().counts["landed"] == 20_000
    assert project.query("select count(*), count(distinct event_id) from landing.requests") == [(20_001, 20_001)]


def test_a_store_that_can_not_be_listed_keeps_no_other_source_waiting(project, gateway):
    stored(project, gateway, store={"endpoint_url": "http://127.0.0.1:9", "retries": 0})
    project.source("mailroom")
    project.file("a.csv", [received()])
    with pytest.raises(LandingError, match=r"sources\.helpdesk\.reader\.path: .*http://127\.0\.0\.1:9 does not answer"):
        project.land()
    assert project.query("select source, event_id from landing.requests") == [("mailroom", "e1")]


def test_a_store_that_falls_silent_is_asked_again(project, gateway):
    content = as_csv(many(0, 5_000)).encode()
    gateway.put("in/a.csv", content)
    relay = Relay(gateway.port, after=len(content) // 2, then=lambda: time.sleep(4))
    stored(project, gateway, store={"endpoint_url": relay.url, "timeouts": {"read": "PT1S"}})
    began = time.monotonic()
    assert project.land_one().counts["landed"] == 5_000
    assert (relay.happened, time.monotonic() - began < 4) == (1, True)
    relay.close()


def test_an_object_that_trickles_for_too_long_ends_the_run(project, gateway):
    gateway.put("in/a.csv", as_csv(many(0, 5_000)).encode())
    stored(project, gateway, store={"timeouts": {"whole": "PT0S"}})
    with pytest.raises(LandingError, match=r"it took longer than reader\.store\.timeouts\.whole"):
        project.land()
    assert nothing_left(project)


def test_two_logs_land_side_by_side_with_one_object_each_at_a_time(project, gateway, monkeypatch):
    monkeypatch.setattr("promisekept.sources.landing.partitions.WORTH_IT", 1)
    at_once: Counter[int] = Counter()
    most: Counter[int] = Counter()
    fetched = object_store.fetched

    @contextmanager
    def watched(*given):
        lane = threading.get_ident()
        with fetched(*given) as got:
            at_once[lane] += 1
            most[lane] = max(most[lane], at_once[lane])
            yield got
            at_once[lane] -= 1

    monkeypatch.setattr("promisekept.sources.extract.object_store.fetched", watched)
    for number in range(4):
        gateway.put(f"in/{number}.csv", as_csv([received(event_id=f"r{number}")]).encode())
        version = {
            "event_id": f"p{number}",
            "occurred_at": "2026-01-01T00:00:00Z",
            "policy_version": "v",
            "event_type": "effective",
        }
        gateway.put(f"versions/{number}.csv", as_csv([version]).encode())
    stored(project, gateway)
    stored(project, gateway, "versions", "s3://logs/versions/*", log="policies")
    assert len(project.land()) == 8
    assert list(most.values()) == [1, 1]
    assert nothing_left(project)


def test_a_large_object_is_never_held_in_memory(project, gateway):
    source = stored(project, gateway).settings.source("helpdesk")
    size = 96 << 20
    gateway.put("in/large.csv", os.urandom(1 << 20) * (size >> 20))
    (file,) = find_files(source, project.now)

    def resident() -> int:
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    Path("/proc/self/clear_refs").write_text("5")
    before = resident()
    with at_hand(source, file, project.folder / "home" / "landing") as here:
        assert here.here.stat().st_size == size
        assert here.here.stat().st_mode & 0o077 == 0
        assert not list((project.folder / "home" / "landing" / ".incoming").iterdir())  # it has no name
    assert resident() - before < size / 4


def test_the_same_original_is_mapped_again_and_one_that_was_overwritten_is_missed(project, gateway):
    gateway.put("in/a.csv", as_csv([answered()]).encode())
    stored(project, gateway)
    project.land()
    settings = project.settings
    (again,) = reland(settings, project.ledger, "helpdesk", reason="fixed", now=project.now)
    assert again.counts["landed"] == 1
    gateway.put("in/a.csv", as_csv([answered(event_id="e9")]).encode())
    with pytest.raises(LandingError, match=r"is gone: s3://logs/in/a\.csv"):
        reland(settings, project.ledger, "helpdesk", reason="fixed", now=project.now)


def test_a_dry_run_reads_the_store_and_leaves_nothing(project, gateway):
    gateway.put("in/a.csv", as_csv([received()]).encode())
    stored(project, gateway)
    trial = dry_run(project.settings, project.settings.source("helpdesk"), project.now)
    assert (trial.tried, trial.counts["landed"]) == ("a.csv", 1)
    assert not (project.folder / "home" / "landing").exists()
