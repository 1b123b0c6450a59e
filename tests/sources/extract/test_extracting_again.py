"""Asking a source again for what has landed: after a mapping was fixed, and for rejected rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from api_server import api
from queried_project import COLUMNS, TABLE, asked, nothing_spooled, row, spans, totals
from source_project import Project, received

from promisekept.errors import LandingError
from promisekept.sources.landing.quarantine import list_rejects
from promisekept.sources.landing.reland import reland, retry_rejects
from promisekept.sources.landing.tasks import Landed


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose source is a table of ten rows, two of them without a channel, in chunks of four."""
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{project.folder / 'shop.db'}")
    run(project, TABLE.format(name="cases"))
    rows = [row(number, channel=None if number in (2, 9) else "email") for number in range(1, 11)]
    run(project, f"insert into cases values ({', '.join('?' * 10)})", *rows)
    query = f"select {COLUMNS} from cases"
    reader = {"kind": "sql", "url_env": "SHOP_URL", "query": query, "cursor": "id", "ignore_columns": ["id"], "chunk_rows": 4}
    return asked(project, reader)


def run(project: Project, statement: str, *rows: tuple[object, ...]) -> None:
    with closing(sqlite3.connect(project.folder / "shop.db")) as connection:
        if rows:
            connection.executemany(statement, rows)
        else:
            connection.execute(statement)
        connection.commit()


def again(project: Project, batch: str | None = None, *, changed: bool = False) -> list[Landed]:
    return reland(project.settings, project.ledger, "helpdesk", batch, reason="channel fixed", now=project.now, changed=changed)


def test_a_fixed_setting_maps_the_same_ranges_again(shop: Project):
    shop.land()
    ranges = spans(shop)
    shop.sources[0]["defaults"] = {"channel": "phone"}
    done = again(shop)
    assert [landed.counts["landed"] for landed in done] == [4, 4, 2]
    assert spans(shop) == ranges * 2
    assert sorted(shop.column("event_id")) == sorted(f"e{number}" for number in range(1, 11))
    assert shop.column("channel").count("phone") == 2
    assert list_rejects(shop.settings, shop.ledger) == []
    assert shop.land() == []  # how far it was read is as it was
    assert nothing_spooled(shop)


def test_rows_that_are_not_the_same_any_more_are_said_to_be_and_taken_only_when_asked_for(shop: Project):
    shop.land()
    run(shop, "update cases set right_type = 'erasure' where id = 6")
    run(shop, "delete from cases where id = 7")
    lines = shop.ledger.seq
    with pytest.raises(LandingError, match=r"the rows of b-0002 are not the same any more: 3 come back where 4 landed") as caught:
        again(shop)
    assert "promisekept reland --source helpdesk --batch b-0002 --changed" in str(caught.value)
    assert shop.ledger.seq == lines and nothing_spooled(shop)
    done = again(shop, "b-0002", changed=True)
    assert [landed.counts["landed"] for landed in done] == [3]
    assert shop.ledger.line(done[0].seq).body["reason"] == "channel fixed (the source gives other rows for b-0002 now)"
    assert "e7" not in shop.column("event_id") and shop.column("right_type").count("erasure") == 1


def test_rows_of_which_none_is_left_stay_landed(shop: Project):
    shop.land()
    run(shop, "delete from cases where id between 5 and 8")
    with pytest.raises(LandingError, match=r"the rows of b-0002 can't be asked for again(?s:.)*what landed of them stays"):
        again(shop, changed=True)
    assert len(shop.column("event_id")) == 8


def test_the_order_in_which_rows_of_one_cursor_come_makes_no_difference(shop: Project):
    run(shop, "update cases set id = 1")
    shop.land()
    run(shop, "create table other as select * from cases order by event_id desc")
    run(shop, "drop table cases")
    run(shop, "alter table other rename to cases")
    assert [landed.counts["landed"] for landed in again(shop)] == [8]


def test_rejected_rows_are_asked_for_by_their_number(shop: Project):
    shop.land()
    rejects = list_rejects(shop.settings, shop.ledger)
    assert [(one.path, one.rows) for one in rejects] == [("sql:helpdesk", 1), ("sql:helpdesk", 1)]
    assert [landed.quarantined for landed in retry_rejects(shop.settings, shop.ledger, shop.now)] == [{"missing_value": 1}] * 2
    assert len(list_rejects(shop.settings, shop.ledger)) == 2  # rejected again, and still listed
    shop.sources[0]["defaults"] = {"channel": "phone"}
    assert [landed.counts["landed"] for landed in retry_rejects(shop.settings, shop.ledger, shop.now)] == [1, 1]
    assert list_rejects(shop.settings, shop.ledger) == []
    assert len(shop.column("event_id")) == 10
    assert shop.land() == []


def test_a_source_without_cursor_is_asked_for_all_of_its_rows_again(shop: Project):
    asked(shop, shop.sources[0]["reader"] | {"cursor": None}, defaults={"channel": "phone"})
    shop.land()
    assert [landed.counts["landed"] for landed in again(shop)] == [10]
    run(shop, "delete from cases where id = 3")
    with pytest.raises(LandingError, match=r"the rows of b-0002 are not the same any more: 9 come back where 10 landed"):
        again(shop)
    assert [landed.counts["landed"] for landed in again(shop, changed=True)] == [9]


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


def test_a_source_that_has_files_now_says_what_to_do(shop: Project):
    shop.land()
    shop.source()
    with pytest.raises(LandingError, match="b-0001 was read from sql:helpdesk, and the source has files now"):
        again(shop)


def test_counts_of_all_batches_balance(shop: Project):
    shop.land()
    run(shop, "insert into cases select 10, 'late', occurred_at, 'late@example.org', subject_ref_type, 'rl', right_type, "
        "event_type, jurisdiction, 'email' from cases where id = 10")  # fmt: skip
    shop.land()
    assert totals(shop) == {"source_rows": 12, "mapped": 12, "read": 12, "landed": 9, "duplicate": 1, "quarantined": 2}
