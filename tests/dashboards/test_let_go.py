"""What our own retention purged, on the page Data quality."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from opened_pages import PUBLISHED, Open, texts

from promisekept.presentation import formats
from promisekept.sources.zone.batches import CLEARED, RETIRED
from promisekept.sources.zone.ledger import NAME, Ledger

TITLE = "Deleted under our own retention"
LANDED = {
    "rule": "retention.landing", "period": "P6Y", "before": "2020-10-01T04:00:00Z", "kept_from": "2020-09-12",
    "rows": {"requests": 1200, "consents": 34}, "lives": {"requests": 300}, "files": [],
}  # fmt: skip
REFUSED = {
    "rule": "retention.quarantine",
    "period": "P90D",
    "before": "2026-07-03T10:14:00Z",
    "files": [{"rows": 5}, {"rows": 2}],
}


@pytest.fixture
def ledger(home: Path, tmp_path: Path) -> Ledger:
    """The ledger of a home of its own with the published snapshot."""
    shutil.copytree(home, tmp_path / "home")
    return Ledger.open(tmp_path / "home")


def told(ledger: Ledger, open_page: Open) -> list[dict[str, Any]]:
    app = open_page("/quality", at=ledger.path.parent.parent)
    assert TITLE in texts(app)
    return [row for one in app.table if "These figures" in one.value for row in one.value.to_dict("records")]


def test_each_act_says_what_went_by_which_rule_and_whether_the_figures_still_count_it(ledger: Ledger, open_page: Open) -> None:
    later = PUBLISHED + timedelta(minutes=1)
    ledger.append(CLEARED, REFUSED, later, "0" * 64)
    ledger.append(RETIRED, LANDED, later, "0" * 64)
    landed, refused = told(ledger, open_page)
    assert landed == {
        "When": "1 Oct 2026, 06:15 EDT",
        "What": "Landed rows",
        "How many": "1,234 (34 consents, 1,200 requests)",
        "Landed before": "1 Oct 2020, 00:00 EDT",
        "Kept for": "P6Y",
        "Figures are whole from": "12 Sep 2020",
        "These figures": "count them still",
        "Ledger line": str(ledger.seq),
    }
    assert (refused["What"], refused["How many"], refused["Kept for"]) == ("Contents of rejected rows", "7", "P90D")
    assert refused["These figures"] == refused["Figures are whole from"] == formats.NULL


def test_where_nothing_went_the_page_says_so(open_page: Open) -> None:
    assert "Nothing was deleted" in texts(open_page("/quality"))


def test_a_damaged_ledger_takes_only_this_section_away(ledger: Ledger, open_page: Open) -> None:
    file = ledger.path.parent / NAME
    file.write_bytes(file.read_bytes().replace(b'"kind":"snapshot"', b'"kind":"snapshoT"', 1))
    app = open_page("/quality", at=ledger.path.parent.parent)
    assert "The ledger can't be read" in texts(app) and "Why rows are in quarantine" in texts(app)
