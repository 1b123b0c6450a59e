"""What a later snapshot says otherwise: old, new and cause as the history holds them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import invented
import pytest
from opened_pages import ATTACKS, PUBLISHED, Open, figure, rows_of, texts

from dashboards.data import query, restatements
from dashboards.data.restatements import RestatementFilters, SequenceRange
from dashboards.snapshots import Ref
from dashboards.views.restatements import figure_drawer
from promisekept.presentation import formats, labels


@pytest.fixture(scope="module")
def thrice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home with three snapshots, each by another version of the program."""
    home = tmp_path_factory.mktemp("restated")
    return home, [invented.publish(home, PUBLISHED + timedelta(days=day), number) for day, number in enumerate((120, 150, 170))]


def held(ref: Ref, what: str, after: int) -> Any:
    """One value over the restatements of everything after a snapshot."""
    return query.first(ref, f"select {what} as held from history.fct_restatements where sequence > {after}")["held"]


def test_every_figure_that_is_said_otherwise_is_counted_once(open_page: Open, thrice: tuple[Path, list[str]]) -> None:
    home, ids = thrice
    ref = Ref(str(home), ids[-1])
    app = open_page("/restatements", at=home)
    number = held(ref, "count(*)", 2)
    assert number
    assert figure(app, "Figures restated") == formats.count(number)
    assert figure(app, "Over everything") == formats.count(held(ref, "count(*) filter (dimension = 'all')", 2))
    assert f"that {ids[1]} published of closed periods" in texts(app)
    both = open_page("/restatements", at=home, **{"from": ids[0]})
    key = "(metric_code, period_grain, period_start, dimension, dimension_value)"
    assert figure(both, "Figures restated") == formats.count(held(ref, f"count(distinct {key})", 1))
    assert "by 2 snapshots" in texts(both)


def test_a_figure_restated_twice_shows_its_first_old_and_its_last_new_value(thrice: tuple[Path, list[str]]) -> None:
    home, ids = thrice
    ref = Ref(str(home), ids[-1])
    rows = query.every(
        restatements.page, ref, SequenceRange(1, 3), RestatementFilters(whole=True, metric=("deadline_adherence",))
    )
    twice = next(row for row in rows if len(row["snapshots"]) == 2)
    steps = restatements.steps_of(ref, SequenceRange(1, 3), twice["figure"])
    assert [step["snapshot"] for step in steps] == ids[1:]
    assert (twice["old_value"], twice["new_value"]) == (steps[0]["old_value"], steps[-1]["new_value"])
    assert steps[0]["new_value"] == steps[1]["old_value"]
    assert twice["causes"] == ["code"]


def test_the_table_tells_old_new_difference_and_cause(open_page: Open, thrice: tuple[Path, list[str]]) -> None:
    home, ids = thrice
    ref = Ref(str(home), ids[-1])
    table = rows_of(open_page("/restatements", at=home, metric="deadline_adherence"), "Figure")
    rows = restatements.page(ref, SequenceRange(2, 3), RestatementFilters(whole=True, metric=("deadline_adherence",)), (0, 15))
    assert len(table) == len(rows) > 3
    for shown, row in zip(table.to_dict("records"), rows, strict=True):
        assert shown["Figure"] == "Answered on time"
        assert shown["Now"] == figure_drawer.value(row, "new", "share")
        assert formats.out_of(row["new_numerator"], row["new_denominator"]) in shown["Now"] or "worst case" in shown["Now"]
        assert shown["Causes"] == labels.RESTATEMENT_CAUSES["code"]


def test_the_drawer_tells_every_publication_that_changed_a_figure(open_page: Open, thrice: tuple[Path, list[str]]) -> None:
    home, ids = thrice
    row = query.every(restatements.page, Ref(str(home), ids[-1]), SequenceRange(2, 3), RestatementFilters())[0]
    said = texts(open_page("/restatements", at=home, figure=row["figure"])).replace("\\", "")
    assert f"Snapshot {ids[2]}" in said
    assert f"compared with {ids[1]}" in said
    assert "Because of: Program changed" in said


def test_where_nothing_was_published_before_nothing_can_be_restated(open_page: Open, thrice: tuple[Path, list[str]]) -> None:
    home, ids = thrice
    app = open_page("/restatements", at=home, snapshot=ids[0])
    assert "This is the first snapshot" in texts(app)
    assert not app.error


def test_where_nothing_is_said_otherwise_that_is_good_and_of_how_many(open_page: Open, tmp_path: Path) -> None:
    first = invented.publish(tmp_path, PUBLISHED, 120)
    invented.publish(tmp_path, PUBLISHED + timedelta(days=1), 120, stale=False)
    said = texts(open_page("/restatements", at=tmp_path))
    assert "No figure was restated" in said
    assert "figures of closed periods were restated" in said
    assert f"that {first} published of closed periods" in said


def test_a_snapshot_looked_back_at_knows_only_what_came_before_it(open_page: Open, thrice: tuple[Path, list[str]]) -> None:
    home, ids = thrice
    app = open_page("/restatements", at=home, snapshot=ids[1])
    assert app.selectbox(key="to").value == ids[1]
    assert app.selectbox(key="from").value == ids[0]
    assert len(app.selectbox(key="to").options) == 1


def test_a_forged_address_changes_nothing_and_is_not_echoed(open_page: Open, thrice: tuple[Path, list[str]]) -> None:
    clean = texts(open_page("/restatements", at=thrice[0]))
    for attack in ATTACKS:
        names = ("from", "to", "metric", "scope", "page", "figure", "snapshot")
        assert texts(open_page("/restatements", at=thrice[0], **dict.fromkeys(names, attack))) == clean, attack


@pytest.mark.parametrize(
    ("old", "new", "unit", "shown"),
    [
        (0.974, 0.9646, "share", "−0.9\u00a0points"),  # noqa: RUF001
        (0.5, 0.500366, "share", "+0.04\u00a0points"),
        (12.0, 15.0, "days", "+3\u00a0days"),
        (1204.0, 1100.0, "requests", "−104"),  # noqa: RUF001
        (3.0, 3.0, "requests", "0"),
        (None, 3.0, "requests", formats.NULL),
    ],
)
def test_a_difference_is_told_in_the_figures_unit(old: float | None, new: float, unit: str, shown: str) -> None:
    row = {f"{side}_{name}": None for side in ("old", "new") for name in ("numerator", "denominator", "value_worst")}
    assert figure_drawer.difference({**row, "old_value": old, "new_value": new}, unit) == shown


def test_where_only_the_worst_reading_is_another_one_it_is_what_is_told() -> None:
    row = {"old_value": 0.0, "new_value": 0.0, "old_value_worst": 3.0, "new_value_worst": 4.0}
    row |= {f"{side}_{name}": None for side in ("old", "new") for name in ("numerator", "denominator")}
    assert figure_drawer.value(row, "old", "requests") == "0, worst case 3"
    assert figure_drawer.difference(row, "requests") == "+1 (worst case)"
