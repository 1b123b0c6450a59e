"""A source that could not be read, on the pages that show sources."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from opened_pages import Open, rows_of, texts

from dashboards.data import opt_outs, quality
from dashboards.data.query import Row
from dashboards.snapshots import Ref


@pytest.fixture
def helpdesk_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def sources(ref: Ref) -> list[Row]:
        since = {"helpdesk": datetime(2026, 9, 29, 3, tzinfo=UTC)}
        return [row | {"unread_since": since.get(row["source"])} for row in published(ref)]

    published = quality.sources
    monkeypatch.setattr(quality, "sources", sources)


@pytest.mark.usefixtures("helpdesk_not_read")
def test_data_quality_names_it_instead_of_a_schedule(open_page: Open) -> None:
    app = open_page("/quality")
    shown = rows_of(app, "Independent count").set_index("Source")["Freshness"]
    assert shown["helpdesk"] == "✕ Could not be read"
    assert "Could not be read" not in shown["legacy_tickets"]
    assert "1 could not be read" in texts(app)


@pytest.mark.usefixtures("helpdesk_not_read")
def test_overview_asks_to_act_on_it_before_sources_that_are_only_late(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = {"after": 0, "disclosures": 48300, "recipients": None}
    monkeypatch.setattr(opt_outs, "after_stop", lambda *_: nothing)
    assert "**1 of 3 sources** could not be read: `helpdesk`" in texts(open_page("/"))


def test_a_snapshot_of_a_version_without_the_column_has_none(open_page: Open) -> None:
    assert "could not be read" not in texts(open_page("/")).casefold()
    assert "could not be read" not in texts(open_page("/quality")).casefold()
