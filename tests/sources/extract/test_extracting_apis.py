"""A JSON API as a source: a real server that pages, limits, fails, dawdles and breaks off."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from api_server import TOKEN, Api, Fault, api
from queried_project import asked, everything_written, nothing_spooled, private, spans, totals
from source_project import Project, received

from promisekept.errors import LandingError
from promisekept.sources.extract import retry
from promisekept.sources.landing.dry_run import dry_run
from promisekept.sources.landing.land import land

pytestmark = pytest.mark.slow

PAGING = {
    "none": {"by": "none"},
    "page": {"by": "page", "param": "page"},
    "offset": {"by": "offset", "param": "offset"},
    "cursor": {"by": "cursor", "param": "after", "next": "meta.next"},
    "link": {"by": "link", "next": "meta.next"},
    "header": {"by": "link"},
    "until": {"by": "link", "next": "meta.next", "until": "meta.end"},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.02)
    with api() as running:
        yield running


def item(number: int, **changes: Any) -> dict[str, Any]:
    """A valid first event, changed on its own minute."""
    event = received(event_id=f"e{number}", request_id=f"r{number}", subject_ref=f"user{number}@example.org")
    return event | {"updated": f"2026-05-01T10:{number:02d}:00Z"} | changes


def source(server: Api, project: Project, **changes: Any) -> Project:
    reader = {
        "kind": "http",
        "url": server.url,
        "items": "data.items",
        "cursor": "updated",
        "params": {"since": "{cursor}"},
        "paging": PAGING[server.paging],
        "ignore_columns": ["updated"],
        "retries": 2,
    }
    return asked(project, reader | changes)


@pytest.mark.parametrize("paging", PAGING)
def test_every_item_of_every_page_lands_once_however_it_pages(server: Api, project: Project, paging: str):
    server.paging, server.items = paging, [item(number) for number in range(1, 12)]
    source(server, project, chunk_rows=4)
    done = project.land()
    assert sum(landed.counts["landed"] for landed in done) == 11
    assert sorted(project.column("event_id")) == sorted(f"e{number}" for number in range(1, 12))
    assert {landed.path for landed in done} == {"http:helpdesk"}
    assert project.land() == []
    server.items.append(item(12))
    server.asked.clear()
    assert project.land_one().counts["landed"] == 1
    assert "since=2026-05-01T10%3A11%3A00Z" in server.asked[0][0]
    assert spans(project)[-1] == (("from", "2026-05-01T10:11:00Z"), "2026-05-01T10:12:00Z")
    assert nothing_spooled(project)


def test_a_page_may_be_the_list_itself_and_numbers_stay_as_they_were_written(server: Api, project: Project):
    server.envelope = False
    server.items = [item(1, cost=1.10, nested={"b": [1, 2.50]})]
    (project.folder / "map.sql").write_text(
        """select _row, event_id, occurred_at, subject_ref, subject_ref_type, right_type, event_type, jurisdiction, channel,
            concat(cost, ' ', nested ->> '$.b[1]') as request_id from source"""
    )
    source(server, project, items="", ignore_columns=[])
    project.sources[0]["mapping"] = "map.sql"
    server.faults = [Fault(body=json.dumps(server.items).replace("1.1,", "1.10,").replace("2.5]", "2.50]").encode())]
    assert project.land_one().counts["landed"] == 1
    assert project.column("request_id") == ["1.10 2.50"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=429, headers={"Retry-After": "0"}),
        Fault(status=503, headers={"Retry-After": "nonsense"}),
        Fault(status=500),
        Fault(status=502),
        Fault(cut=True),
        Fault(cut=True, chunked=True),
        Fault(drop=True),
        Fault(body=b'{"data": {"items": [{"event'),
        Fault(body=b"<html>busy</html>"),
        Fault(seconds_per_byte=0.05),
    ],
    ids=lambda fault: " ".join(f"{name}={value}" for name, value in vars(fault).items() if value),
)
def test_a_page_that_fails_is_asked_for_again_and_nothing_comes_twice(server: Api, project: Project, fault: Fault):
    server.paging, server.items = "link", [item(number) for number in range(1, 9)]
    server.faults = [Fault(), fault, fault]
    source(server, project, timeouts={"read": "PT1S"})
    assert sum(landed.counts["landed"] for landed in project.land()) == 8
    assert totals(project) == {"source_rows": 8, "mapped": 8, "read": 8, "landed": 8}
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=500), "the server answers 500, again and again"),
        (Fault(cut=True), "broke off in the middle of a page"),
        (Fault(body=b"<html>"), "a page is no JSON, or half of one"),
    ],
)
def test_a_page_that_never_comes_ends_the_read_and_the_next_run_goes_on(
    server: Api, project: Project, fault: Fault, message: str
):
    server.paging, server.items = "page", [item(number) for number in range(1, 9)]
    server.faults = [Fault(), Fault(), *[fault] * 3]
    source(server, project, chunk_rows=2, retries=2)
    with pytest.raises(LandingError, match=rf"^sources\.helpdesk\.reader: .*{message}(?s:.)*\n  ") as caught:
        project.land()
    assert "jane" not in str(caught.value)
    taken = spans(project)
    assert len(taken) == 2
    project.land()
    assert spans(project)[:2] == taken
    assert sorted(project.column("event_id")) == sorted(f"e{number}" for number in range(1, 9))
    counts = totals(project)
    assert (counts["landed"], counts["duplicate"]) == (8, 1)


def test_a_server_killed_in_the_middle_is_resumed(server: Api, project: Project):
    server.paging, server.items = "cursor", [item(number) for number in range(1, 21)]
    source(server, project, chunk_rows=3, retries=0)

    def progress(_: str) -> None:
        if len(list(project.ledger.lines())) == 2 and server.server is not None:
            server.stop()
            server.faults = [Fault(drop=True)] * 5  # what is still connected is not answered

    with pytest.raises(LandingError, match="can't be reached, or broke off"):
        land(project.settings, project.ledger, project.now, progress)
    assert len(spans(project)) == 2
    server.faults = []
    server.start()
    project.land()
    assert sorted(project.column("event_id")) == sorted(f"e{number}" for number in range(1, 21))
    assert totals(project)["landed"] == 20


def test_how_long_the_server_wants_one_to_wait_is_kept_to(server: Api, project: Project, monkeypatch: pytest.MonkeyPatch):
    waited: list[float] = []
    monkeypatch.setattr(retry.time, "sleep", waited.append)
    server.items = [item(1)]
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server.faults = [Fault(status=429, headers={"Retry-After": "7"}), Fault(status=503, headers={"Retry-After": later})]
    source(server, project)
    project.land()
    assert waited[0] == 7
    assert 25 <= waited[1] <= 30


def test_a_wait_that_is_too_long_ends_the_read(server: Api, project: Project):
    server.faults = [Fault(status=429, headers={"Retry-After": "3600"})]
    source(server, project, most_wait="PT10S")
    with pytest.raises(LandingError, match=r"asks to wait 3600 s \(429\), longer than `most_wait` \(10 s\)"):
        project.land()


@pytest.mark.parametrize(
    ("changes", "setup", "message"),
    [
        ({"items": "data.rows"}, {}, r"reader\.items: `data\.rows` is no list of objects"),
        ({"items": ""}, {}, r"reader\.items: the page itself is no list of objects"),
        ({"cursor": "changed"}, {}, r"reader\.cursor: `changed` has no value in some items"),
        ({}, {"items": [item(2), item(1)]}, r"reader\.cursor: `updated` goes back"),
        ({}, {"items": [item(1), item(2, updated="soon")]}, r"reader\.cursor: `updated` has values that are no instant"),
        ({"paging": {"by": "page", "param": "seite"}}, {}, r"reader\.paging: the server gives the same page again"),
        ({}, {"faults": [Fault(status=404)]}, r"the server answers 404 to http://127\.0\.0\.1:\d+/items\."),
        ({}, {"faults": [Fault(status=302, headers={"Location": "https://elsewhere.example/x?k=1"})]}, "elsewhere.example"),
        ({"page_bytes": 1024}, {"items": [item(1, note="x" * 2000)]}, r"a page has more than `page_bytes` \(1,024\)"),
        (
            {"paging": {"by": "link", "next": "meta.next"}},
            {"faults": [Fault(body=b'{"data": {"items": []}, "meta": {"next": "https://elsewhere.example/items"}}')]},
            r"reader\.paging: the address of the next page is on another server, elsewhere\.example",
        ),
    ],
)
def test_what_goes_wrong_is_said_by_key_and_remedy(
    server: Api, project: Project, changes: dict[str, Any], setup: dict[str, Any], message: str
):
    server.items = [item(1)]
    for name, value in setup.items():
        setattr(server, name, list(value))
    source(server, project, **changes)
    with pytest.raises(LandingError, match=rf"^sources\.helpdesk\.(?s:.)*{message}(?s:.)*\n  ") as caught:
        project.land()
    assert "jane" not in str(caught.value) and "user1" not in str(caught.value)
    assert list(project.ledger.lines("batch")) == []


def test_a_credential_goes_with_each_request_and_is_shown_nowhere(
    server: Api,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    caplog.set_level(logging.DEBUG)
    server.token, server.paging, server.items = TOKEN, "link", [item(number) for number in range(1, 9)]
    source(
        server,
        project,
        headers={"Authorization": {"env": "HELPDESK_TOKEN"}, "X-Tenant": "example"},
        params={"since": "{cursor}", "api_key": {"file": "api.key"}},
    )
    with pytest.raises(LandingError, match=r"reader\.headers\.Authorization: the environment variable HELPDESK_TOKEN is not set"):
        project.land()
    monkeypatch.setenv("HELPDESK_TOKEN", f"Bearer {TOKEN}")
    key = private(project.folder / "api.key", "key-in-the-query")
    key.chmod(0o640)
    with pytest.raises(LandingError, match=r"reader\.params\.api_key: .*may be read by others"):
        project.land()
    key.chmod(0o600)
    assert sum(landed.counts["landed"] for landed in project.land()) == 8
    assert all(headers["Authorization"] == f"Bearer {TOKEN}" for _, headers in server.asked)
    assert all("api_key=key-in-the-query" in path for path, _ in server.asked)
    server.token = "renewed"
    with pytest.raises(LandingError, match=r"refuses the credential \(401\)\.\n.*`headers` names: Authorization") as caught:
        project.land()
    shown = str(caught.value) + repr(caught.value.__context__) + caplog.text + "".join(capfd.readouterr())
    written = everything_written(project) + shown.encode()
    assert TOKEN.encode() not in written and b"key-in-the-query" not in written and b"user1@" not in written


def test_an_api_wants_its_cursor_in_a_form_of_its_own_and_gives_more_than_was_asked(server: Api, project: Project):
    server.items = [item(number, updated=f"2026-05-01T12:00:{number:02d}+02:00") for number in range(1, 5)]
    source(server, project, params={"jql": "updated >= '{cursor}'", "all": "yes"}, cursor_format="%Y/%m/%d %H:%M")
    assert project.land_one().counts["landed"] == 4
    server.items.append(item(5, updated="2026-05-01T12:00:05+02:00"))
    counts = project.land_one().counts
    assert "jql=updated+%3E%3D+%272026%2F05%2F01+10%3A00%27" in server.asked[-1][0] and "jql" not in server.asked[0][0]
    assert (counts["source_rows"], counts["landed"], counts["duplicate"]) == (2, 1, 1)


@pytest.mark.parametrize("value", ["Bearer hunter2\nX: y", "hunter2-\u20ac"])
def test_a_credential_that_is_no_header_is_reported_without_its_value(server: Api, project: Project, value: str):
    private(project.folder / "token", value)
    source(server, project, headers={"Authorization": {"file": "token"}})
    with pytest.raises(LandingError, match=r"reader\.headers: a value can't be sent in a header") as caught:
        project.land()
    assert "hunter2" not in str(caught.value) and server.asked == []


def test_a_next_link_without_the_credential_gets_it_again(server: Api, project: Project):
    server.paging, server.items, server.forgets = "link", [item(number) for number in range(1, 9)], "api_key"
    private(project.folder / "api.key", "key-in-the-query")
    source(server, project, params={"since": "{cursor}", "api_key": {"file": "api.key"}, "all": "yes"})
    assert sum(landed.counts["landed"] for landed in project.land()) == 8
    assert [path.count("api_key=key-in-the-query") for path, _ in server.asked] == [1, 1, 1]
    assert [path.count("all=yes") for path, _ in server.asked] == [1, 1, 1]


def test_a_mapping_may_name_a_key_that_no_item_of_a_page_has(server: Api, project: Project):
    server.items = [item(1)]
    (project.folder / "map.sql").write_text(
        "select _row, * exclude (_row, updated, closed) replace (coalesce(closed, event_type) as event_type) from source"
    )
    source(server, project, ignore_columns=[])
    project.sources[0]["mapping"] = "map.sql"
    assert project.land_one().held_back == "mapping_broken"
    project.sources[0]["reader"]["columns"] = ["closed"]
    assert project.land_one().counts["landed"] == 1


def test_half_a_character_costs_its_own_row_alone(server: Api, project: Project):
    server.items = [item(1), item(2, request_id="r\ud800"), item(3, request_id="r\u00e9")]
    source(server, project)
    counts = project.land_one().counts
    assert (counts["landed"], counts["quarantined"]) == (2, 1)
    assert project.column("request_id") == ["r1", "r\u00e9"]


def test_an_overlap_asks_back_and_items_without_cursor_are_all_asked_for(server: Api, project: Project):
    server.items = [item(1), item(20)]
    source(server, project, overlap="PT10M")
    project.land()
    server.items.insert(1, item(15))
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"]) == (1, 1)
    source(server, project, cursor=None, params={})
    assert project.land() == []
    server.items.append(item(5))
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"]) == (1, 3)


def test_a_dry_run_asks_for_the_first_page_alone(server: Api, project: Project):
    server.paging, server.size, server.items = "page", 1000, [item(1, event_id=f"e{number}") for number in range(3000)]
    source(server, project)
    trial = dry_run(project.settings, project.settings.source("helpdesk"), project.now)
    assert trial.counts["source_rows"] == 1000
    assert len(server.asked) == 1
    server.stop()
    with pytest.raises(LandingError, match="can't be reached"):
        dry_run(project.settings, project.settings.source("helpdesk"), project.now)


def test_a_read_has_a_time_limit_as_a_whole(server: Api, project: Project):
    server.paging, server.size, server.items = "page", 1, [item(number) for number in range(1, 30)]
    server.faults = [Fault(seconds_per_byte=0.0004) for _ in range(30)]
    source(server, project, chunk_rows=1, timeouts={"whole": "PT3S"})
    with pytest.raises(LandingError, match=r"not read within `timeouts\.whole` \(3 s\)"):
        project.land()
    assert 1 <= len(spans(project)) < 29
    server.faults = []
    project.land()
    assert len(project.column("event_id")) == 29
