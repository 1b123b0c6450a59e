"""What becomes of a chart on its way to the browser."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
from altair.utils.schemapi import SchemaValidationError
from opened_pages import frames

import dashboards.charts
from dashboards.charts import rates, request_timeline, theme
from dashboards.charts.rendering import drawn
from dashboards.charts.request_timeline import EventMark
from dashboards.data.metrics import Figure
from dashboards.views.requests import timeline

ASKED: list[int] = []


@drawn
def bars(numbers: list[int], day: date = date(2026, 10, 1)) -> alt.LayerChart:
    """Two layers with a frame each."""
    ASKED.append(len(numbers))
    first = alt.Chart(pd.DataFrame({"n": numbers, "day": [day] * len(numbers)})).mark_bar().encode(x="n:Q", y="day:T")
    return alt.layer(first, alt.Chart(pd.DataFrame({"limit": [3]})).mark_rule().encode(x="limit:Q"))


@drawn
def wrong(numbers: list[int]) -> alt.Chart:
    """A scale that Vega-Lite doesn't know."""
    data = pd.DataFrame({"n": numbers})
    return alt.Chart(data).mark_bar().encode(x=alt.X("n:Q", scale={"type": "no such scale"}))


def test_the_same_numbers_are_drawn_once_and_others_anew():
    ASKED.clear()
    one, again, other = bars([1, 2]), bars([1, 2]), bars([1, 2, 4])
    assert (one == again, one == other, ASKED) == (True, False, [2, 3])


def test_what_is_drawn_stands_beside_the_chart_by_name():
    drawing = bars([1, 5], day=date(2026, 11, 1))
    assert frames(drawing) == [[{"n": n, "day": date(2026, 11, 1)} for n in (1, 5)], [{"limit": 3}]]
    assert {layer["data"]["name"] for layer in drawing.specification["layer"]} == set(drawing.frames)
    assert "datasets" not in drawing.specification


def test_a_drawing_that_one_reader_s_page_changed_is_whole_for_the_next():
    bars([7]).specification.clear()
    assert bars([7]).specification


def test_in_the_tests_a_chart_that_the_browser_could_not_draw_is_refused():
    with pytest.raises(SchemaValidationError):
        wrong([1])


@pytest.mark.parametrize("draw", [rates.over_months, rates.ranked], ids=["over months", "ranked"])
@pytest.mark.parametrize("few", [(4, 7), (0, 3), (5, 5)], ids=str)
def test_the_axis_of_a_rate_holds_every_point_and_interval_that_is_drawn(draw, few):
    """A month of 4 of 7 was drawn on the floor of the axis, at 84 %: few cases were left out of where it begins."""
    months = [date(2026, month, 1) for month in (1, 2, 3)]
    names = months if draw is rates.over_months else [f"{month:%b}" for month in months]
    figures = [Figure(k / n, k, n) for k, n in ((95, 100), few, (290, 300))]
    drawing = draw(list(zip(names, figures, strict=True)), (">=", 0.9), *([months[-1]] if draw is rates.over_months else []))
    encodings = [layer.get("encoding", {}) for layer in drawing.specification["layer"]]
    channels = [encoding.get("y" if draw is rates.over_months else "x", {}) for encoding in encodings]
    scales = [channel["scale"] for channel in channels if "domain" in (channel.get("scale") or {})]
    ((begin, end),) = {tuple(scale["domain"]) for scale in scales}
    rows = [row for frame in frames(drawing) for row in frame if "low" in row]
    assert begin < min(row["low"] for row in rows)
    assert max(row["high"] for row in rows) < end
    assert not any(scale.get("clamp") for scale in scales)
    (drawn_axis,) = {str(channel["axis"]) for channel in channels if channel.get("axis")}
    assert ("Axis from" in drawn_axis) == (few != (0, 3)), "an axis that does not begin at 0 says so"


@pytest.mark.parametrize(
    ("start", "due", "closed", "apart"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), date(2026, 4, 30), False),  # 89 days after 30
        (date(2026, 1, 1), date(2026, 1, 31), date(2026, 5, 2), True),  # 91
        (date(2026, 1, 1), date(2026, 1, 31), None, True),
        (date(2026, 1, 1), None, None, False),
        (date(2026, 2, 1), date(2026, 1, 31), None, False),  # a declared date before the receipt
    ],
)
def test_long_overdue_days_have_a_scale_of_their_own_and_words_stand_clear_of_rules(start, due, closed, apart):
    today = date(2026, 9, 30)
    row = {"start_date": start, "received_date": start, "due_date": due, "closed_date": closed, "extension_status": "none"}
    segments, _, rules = timeline.lanes(row, [], [], today, "UTC")
    days = [start, date(2026, 1, 27), date(2026, 1, 30), due, closed]
    moments = [EventMark("Events", day, "Fulfilled, does not count") for day in days if day]
    alone = timeline.due_apart(row, today)
    assert (alone is not None) == apart
    rows = [row for frame in frames(request_timeline.timeline(segments, moments, rules, alone)) for row in frame]
    ruled = {row["from"] for row in rows if "number" in row}
    assert len(ruled) == len(rules)
    width = len("Fulfilled, does not count") * request_timeline._LETTER
    for row in rows:
        if "beside" in row:
            ends = sorted((row["beside"], row["beside"] + (-width if row["left"] else width)))
            assert not any(ends[0] < place < ends[1] for place in ruled), row
    bars = sorted({(row["from"], row["to"]) for row in rows if "kind" in row})
    assert all(0 <= begin < end <= request_timeline._WIDTH for begin, end in bars)
    if apart:
        assert bars[1][0] - bars[0][1] == request_timeline._RIGHT[0] - request_timeline._LEFT[1]  # the gap between the two


def test_a_timeline_over_a_turn_of_year_names_the_years():
    running = request_timeline.Segment("Deadline", "Running", date(2025, 11, 3), date(2026, 3, 1))
    axis = request_timeline.timeline([running], (), ()).specification["layer"][0]["encoding"]["x"]["axis"]
    assert axis["labelExpr"].startswith("split(['3 Nov|2025', '17 Nov', '1 Dec', '15 Dec', '29 Dec', '12 Jan|2026', '26 Jan', ")


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ([0.5] * 8, (False, False)),  # below the rule all along: at the right end, above it
        ([0.5] * 6 + [0.92, 0.93], (False, True)),  # just above it at the right end: below it there
        ([0.5] * 5 + [0.99, 0.75, 0.93], (True, False)),  # across it there: at the left end
        ([], (False, False)),
    ],
)
def test_the_words_of_a_target_stand_where_the_line_is_not(line: list[float], place: tuple[bool, bool]):
    assert theme._free_end(0.9, line, 1.0) == place


def test_the_text_of_a_chart_is_its_numbers_read_out():
    rows = [
        {"Month": "Aug 2026", "Missed": 10, "Not assessable": None},
        {"Month": "Sep 2026", "Missed": 1204, "Not assessable": 2.5},
    ]
    assert theme.read_out(rows) == "Aug 2026: Missed 10, Not assessable –; Sep 2026: Missed 1,204, Not assessable 2.5"  # noqa: RUF001


def test_a_chart_grows_with_its_rows_in_three_steps():
    assert [theme.height(rows, 4, 7) for rows in (0, 4, 5, 7, 8)] == [190, 190, 230, 230, 320]


@pytest.mark.parametrize(("running", "dashed"), [([False, False], [False]), ([False, True], [False, True]), ([True], [True])])
def test_only_the_way_to_a_month_that_runs_is_dashed(running: list[bool], dashed: list[bool]):
    rows = [{"month": f"{number}", "running": is_running} for number, is_running in enumerate(running)]
    lines = rates.month_line(alt.Chart(pd.DataFrame(rows)), alt.Y("value:Q"), rows)
    assert ["strokeDash" in line.mark.to_dict() for line in lines] == dashed


def test_channels_are_named_by_their_class():
    """Altair finds the class of a bare "n:Q" or of alt.value(0) by comparing hundreds of schemas, which the reader waits for."""
    folder = Path(dashboards.charts.__file__).parent
    bare = [
        f"{file.name}:{value.lineno} {ast.unparse(value)}" for file in sorted(folder.glob("*.py")) for value in _inferred(file)
    ]
    assert not bare, f'Name the class of the channel, as in alt.Text("words:N") or alt.XValue(0): {bare}'


def test_a_bare_channel_is_seen(tmp_path: Path):
    (tmp_path / "chart.py").write_text('base.encode(x="n:Q", y=alt.Y("m:Q"), color=alt.value("red"))', encoding="utf-8")
    assert [ast.unparse(value) for value in _inferred(tmp_path / "chart.py")] == ["'n:Q'", "alt.value('red')"]


def _inferred(file: Path) -> Iterator[ast.expr]:
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "encode":
            for value in (keyword.value for keyword in call.keywords):
                text = ast.unparse(value)
                if isinstance(value, ast.Constant) or text.startswith(("alt.value(", "alt.condition(", "alt.when(")):
                    yield value
