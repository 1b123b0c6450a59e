"""Files that lie in an S3-compatible store, read from a real server over a socket."""

import gzip
import logging
import os
import random
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from object_gateway import INSTALLED, KEY, SECRET, WHY_NOT, Gateway, Relay
from source_project import answered, as_csv, received

from promisekept.errors import ConfigError, LandingError
from promisekept.settings import load_settings
from promisekept.sources import object_store
from promisekept.sources.dry_run import dry_run
from promisekept.sources.files import at_hand, find_files
from promisekept.sources.pulling import patience
from promisekept.sources.reland import reland
from promisekept.sources.workbench import literal

pytestmark = pytest.mark.skipif(not INSTALLED, reason=WHY_NOT)
QUICK = {"timeouts": {"connect": "PT2S", "read": "PT5S"}, "retries": 5}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    server = Gateway(tmp_path_factory.mktemp("gateway"))
    yield server
    server.kill()


@pytest.fixture(autouse=True)
def keys(monkeypatch, gateway):
    monkeypatch.setenv("LOGS_KEY", KEY)
    monkeypatch.setenv("LOGS_SECRET", SECRET)
    monkeypatch.setattr(patience, "FIRST_WAIT", 0.2)
    for left in gateway.client.find("logs"):
        gateway.client.rm_file(left)


def stored(project, gateway, name="helpdesk", path="s3://logs/in/*", **keys):
    store = {"endpoint_url": gateway.url, "key_env": "LOGS_KEY", "secret_env": "LOGS_SECRET", **QUICK, **keys.pop("store", {})}
    store = {key: value for key, value in store.items() if value is not None}
    return project.source(name, path=path, reader={"store": store}, **keys)


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
        told = ask(filesystem, path)
        if (content := next(contents, None)) is not None:
            gateway.put("in/a.csv", content)
        return told

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
    assert project.ledger.seq == 0


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
    monkeypatch.setattr("promisekept.sources.lanes.WORTH_IT", 1)
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

    monkeypatch.setattr("promisekept.sources.object_store.fetched", watched)
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
    (again,) = reland(settings, project.ledger, "helpdesk", reason="mended", now=project.now)
    assert again.counts["landed"] == 1
    gateway.put("in/a.csv", as_csv([answered(event_id="e9")]).encode())
    with pytest.raises(LandingError, match=r"is gone: s3://logs/in/a\.csv"):
        reland(settings, project.ledger, "helpdesk", reason="mended", now=project.now)


def test_a_dry_run_reads_the_store_and_leaves_nothing(project, gateway):
    gateway.put("in/a.csv", as_csv([received()]).encode())
    stored(project, gateway)
    trial = dry_run(project.settings, project.settings.source("helpdesk"), project.now)
    assert (trial.tried, trial.counts["landed"]) == ("a.csv", 1)
    assert not (project.folder / "home" / "landing").exists()


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [("LOGS_SECRET", "another-secret-value", "SignatureDoesNotMatch"), ("LOGS_KEY", "ANOTHERKEYID", "InvalidAccessKeyId")],
)
def test_a_wrong_credential_is_said_at_once_without_the_secret(
    project, gateway, monkeypatch, caplog, capfd, variable, value, code
):
    monkeypatch.setenv(variable, value)
    stored(project, gateway)
    caplog.set_level(logging.DEBUG, logger="promisekept")
    with pytest.raises(LandingError) as refused:
        project.land()
    assert "sources.helpdesk.reader.path: s3://logs/in/* can't be listed" in str(refused.value)
    assert f"the store refuses these credentials ({code})" in str(refused.value)
    told = str(refused.value) + caplog.text + "".join(capfd.readouterr())
    assert not [secret for secret in (SECRET, KEY, value) if secret in told]
    assert "tried" not in str(refused.value)


def test_a_bucket_that_does_not_exist_is_no_empty_one(project, gateway):
    stored(project, gateway, path="s3://lgos/in/*")
    with pytest.raises(LandingError, match=r"there is no such bucket or object \(NoSuchBucket\)"):
        project.land()


def test_a_bucket_is_read_without_credentials_only_where_it_is_open(project, gateway):
    stored(project, gateway, store={"key_env": None, "secret_env": None, "anonymous": True})
    with pytest.raises(LandingError, match=r"refuses these credentials \(AccessDenied\)"):
        project.land()
    gateway.put("in/a.csv", as_csv([received()]).encode())
    gateway.client.call_s3("put_bucket_acl", Bucket="logs", ACL="public-read")
    gateway.client.call_s3("put_object_acl", Bucket="logs", Key="in/a.csv", ACL="public-read")
    try:
        assert project.land_one().counts["landed"] == 1
    finally:
        gateway.client.call_s3("put_bucket_acl", Bucket="logs", ACL="private")


def test_credentials_come_from_a_file_that_only_its_owner_reads(project, gateway):
    gateway.put("in/a.csv", as_csv([received()]).encode())
    file = project.folder / "store.ini"
    file.write_text(f"[reader]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    file.chmod(0o640)
    named = {"key_env": None, "secret_env": None, "credentials_file": "store.ini", "profile": "reader"}
    stored(project, gateway, store=named)
    with pytest.raises(ConfigError, match=r"store\.ini may be read by others \(mode 0640\)"):
        project.land()
    file.chmod(0o600)
    assert project.land_one().counts["landed"] == 1
    stored(project, gateway, store=named | {"profile": "writer"})
    with pytest.raises(ConfigError, match=r"holds no key under \[writer\]"):
        project.land()


def test_a_variable_that_is_not_set_is_named_by_its_key(project, gateway, monkeypatch):
    monkeypatch.delenv("LOGS_SECRET")
    stored(project, gateway)
    with pytest.raises(ConfigError, match=r"reader\.store\.secret_env: the environment variable LOGS_SECRET is not set"):
        project.land()


@pytest.mark.parametrize(
    ("store", "says"),
    [
        ({"secret": "s3cr3t-value"}, "store.secret: unknown key"),
        ({"endpoint_url": "https://me:s3cr3t-value@store.example"}, "store.endpoint_url"),
        ({"anonymous": True}, "credentials come from one place"),
        ({"secret_env": None}, "`key_env` and `secret_env` go together"),
    ],
)
def test_a_store_that_is_described_wrongly_is_refused_without_showing_a_secret(project, gateway, store, says):
    with pytest.raises(ConfigError) as refused:
        assert stored(project, gateway, store=store).settings
    assert says in str(refused.value)
    assert "s3cr3t" not in str(refused.value)


def test_only_a_path_of_s3_has_a_store(project, gateway):
    with pytest.raises(ConfigError, match="`store` is for paths that begin with s3://"):
        assert stored(project, gateway, path="in/*").settings


def test_the_settings_are_read_from_the_file_as_they_are_written(project, gateway):
    store = stored(project, gateway).settings.source("helpdesk").reader.store
    assert store is not None
    assert (store.endpoint_url, store.retries, store.timeouts.connect.seconds) == (gateway.url, 5, 2)
    assert SECRET not in load_settings(project.folder).model_dump_json()
