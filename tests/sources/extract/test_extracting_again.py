"""Asking a source again for what has landed: after a mapping was fixed, and for rejected rows."""

from __future__ import annotations

import pytest
from api_server import api
from queried_project import COLUMNS, Shop, asked, nothing_spooled, row, spans
from source_project import Project, received

from promisekept.errors import LandingError
from promisekept.sources.landing.quarantine import list_rejects
from promisekept.sources.landing.reland import reland, retry_rejects
from promisekept.sources.landing.tasks import Landed


@pytest.fixture
def source(project: Project, shop: Shop) -> Project:
    """A project whose source is a table of ten rows, two of them without a channel, in chunks of four."""
    shop.fill(*(row(number, channel=None if number in (2, 9) else "email") for number in range(1, 11)))
    query = f"select {COLUMNS} from cases"
    reader = {"kind": "sql", "url_env": "SHOP_URL", "query": query, "cursor": "id", "ignore_columns": ["id"], "chunk_rows": 4}
    return asked(project, reader)


def again(project: Project, batch: str | None = None, *, changed: bool = False) -> list[Landed]:
    return reland(project.settings, project.ledger, "helpdesk", batch, reason="channel fixed", now=project.now, changed=changed)


def test_a_fixed_setting_maps_the_same_ranges_again(source: Project):
    source.land()
    ranges = spans(source)
    source.sources[0]["defaults"] = {"channel": "phone"}
    done = again(source)
    assert [landed.counts["landed"] for landed in done] == [4, 4, 2]
    assert spans(source) == ranges * 2
    assert sorted(source.column("event_id")) == sorted(f"e{number}" for number in range(1, 11))
    assert source.column("channel").count("phone") == 2
    assert list_rejects(source.settings, source.ledger) == []
    assert source.land() == []  # how far it was read is as it was
    assert nothing_spooled(source)


def test_rows_that_are_not_the_same_any_more_are_said_to_be_and_taken_only_when_asked_for(source: Project, shop: Shop):
    source.land()
    shop.execute("update cases set right_type = 'erasure' where id = 6")
    shop.execute("delete from cases where id = 7")
    lines = source.ledger.seq
    with pytest.raises(LandingError, match=r"the rows of b-0002 are not the same any more: 3 come back where 4 landed") as caught:
        again(source)
    assert "promisekept reland --source helpdesk --batch b-0002 --changed" in str(caught.value)
    assert source.ledger.seq == lines and nothing_spooled(source)
    done = again(source, "b-0002", changed=True)
    assert [landed.counts["landed"] for landed in done] == [3]
    assert source.ledger.line(done[0].seq).body["reason"] == "channel fixed (the source gives other rows for b-0002 now)"
    assert "e7" not in source.column("event_id") and source.column("right_type").count("erasure") == 1


def test_rows_of_which_none_is_left_stay_landed(source: Project, shop: Shop):
    source.land()
    shop.execute("delete from cases where id between 5 and 8")
    with pytest.raises(LandingError, match=r"the rows of b-0002 can't be asked for again(?s:.)*what landed of them stays"):
        again(source, changed=True)
    assert len(source.column("event_id")) == 8


def test_the_order_in_which_rows_of_one_cursor_come_makes_no_difference(source: Project, shop: Shop):
    shop.execute("update cases set id = 1")
    source.land()
    shop.execute("create table other as select * from cases order by event_id desc")
    shop.execute("drop table cases")
    shop.execute("alter table other rename to cases")
    assert [landed.counts["landed"] for landed in again(source)] == [8]


def test_rejected_rows_are_asked_for_by_their_number(source: Project):
    source.land()
    rejects = list_rejects(source.settings, source.ledger)
    assert [(one.path, one.rows) for one in rejects] == [("sql:helpdesk", 1), ("sql:helpdesk", 1)]
    assert [landed.quarantined for landed in retry_rejects(source.settings, source.ledger, source.now)] == [
        {"missing_value": 1}
    ] * 2
    assert len(list_rejects(source.settings, source.ledger)) == 2  # rejected again, and still listed
    source.sources[0]["defaults"] = {"channel": "phone"}
    assert [landed.counts["landed"] for landed in retry_rejects(source.settings, source.ledger, source.now)] == [1, 1]
    assert list_rejects(source.settings, source.ledger) == []
    assert len(source.column("event_id")) == 10
    assert source.land() == []


def test_a_source_without_cursor_is_asked_for_all_of_its_rows_again(source: Project, shop: Shop):
    asked(source, source.sources[0]["reader"] | {"cursor": None}, defaults={"channel": "phone"})
    source.land()
    assert [landed.counts["landed"] for landed in again(source)] == [10]
    shop.execute("delete from cases where id = 3")
    with pytest.raises(LandingError, match=r"the rows of b-0002 are not the same any more: 9 come back where 10 landed"):
        again(source)
    assert [landed.counts["landed"] for landed in again(source, changed=True)] == [9]


def test_an_api_gives_the_same_items_again(project: Project):
    with api() as server:
        server.items = [
            received(event_id=f"e{number}", request_id=f"r{number}", updated=f"2026-05-01T10:0{number}:00Z")
            for number in range(6)
        ]
        reader = {
            "kind": "http",
            "url": server.url,
            "items": "data.items",
            "cursor": "updated",
            "params": {"since": "{cursor}"},
            "ignore_columns": ["updated"],
            "chunk_rows": 2,
        }
        asked(project, reader, defaults={"channel": "email"})
        project.land()
        assert [landed.counts["landed"] for landed in again(project)] == [2, 2, 2]
        assert len(project.column("event_id")) == 6
        server.items[1]["right_type"] = "erasure"
        with pytest.raises(LandingError, match="the rows of b-0004 are not the same any more"):
            again(project)


def test_a_source_that_has_files_now_says_what_to_do(source: Project):
    source.land()
    source.source()
    with pytest.raises(LandingError, match="b-0001 was read from sql:helpdesk, and the source has files now"):
        again(source)
