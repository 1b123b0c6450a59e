"""One restated figure: old and new in words, and in a drawer every publication that changed it with what brought the change.

Here: wording and the drawer. Not here: the list (page.py), the rows (data/restatements.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.components import tables
from dashboards.components.sections import guarded
from dashboards.components.tables import Column
from dashboards.data import metrics
from dashboards.data import restatements as data
from dashboards.data.restatements import SequenceRange
from dashboards.page import Page
from promisekept.errors import PromisekeptError
from promisekept.presentation import formats, labels, periods
from promisekept.publishing.provenance import deliveries

NAME = "figure"
"""The parameter that opens the drawer."""


def names(page: Page) -> dict[str, str]:
    """What a person calls each metric."""
    return {code: name for code, (name, _) in metrics.names(page.ref).items()}


def columns(metric_names: Mapping[str, str], units: Mapping[str, str]) -> tuple[Column, ...]:
    """A restated figure in words on the page, and in the file every number as it stands in the history."""

    def side(name: str, was: str) -> Callable[[Mapping[str, Any]], str]:
        return lambda row: value(row, name, units.get(row["metric_code"])) if row[was] else "not published"

    numbers = ("numerator", "denominator", "value", "value_worst")
    return (
        Column("Figure", lambda row: metric_names.get(row["metric_code"], labels.sentence(row["metric_code"])), 216),
        Column("Period", _period, 80, only="page"),
        Column("Of", _part, 110, only="page"),
        Column("Before", side("old", "was_published"), 146, None, "right", "page"),
        Column("Now", side("new", "is_published"), 146, None, "right", "page"),
        Column("Difference", lambda row: difference(row, units.get(row["metric_code"])), 130, None, "right", "page"),
        Column("Code", "metric_code", only="file"),
        Column("Grain", "period_grain", only="file"),
        Column("Begins", "period_start", only="file"),
        Column("Ends", "period_end", only="file"),
        Column("Dimension", "dimension", only="file"),
        Column("Value of it", "dimension_value", only="file"),
        *(
            Column(f"{when} {name.replace('_', ' ')}", f"{side}_{name}", only="file")
            for when, side in (("Before:", "old"), ("Now:", "new"))
            for name in numbers
        ),
        Column("Causes", lambda row: "; ".join(labels.label(labels.RESTATEMENT_CAUSES, one) for one in row["causes"]), 140),
        Column("Batches", lambda row: "; ".join(row["batches"]), 80),
        Column("Versions", lambda row: "; ".join(row["versions"]), only="file"),
        Column("Snapshots", lambda row: "; ".join(row["snapshots"]), only="file"),
    )


def value(row: Mapping[str, Any], side: str, unit: str | None) -> str:
    """`96.4% · 1,204 of 1,249`, never as the other side reads; the worst case where only that is another one."""
    place = ("old", "new").index(side)
    shown = formats.apart(row["old_value"], row["new_value"], unit)[place]
    if _only_at_worst(row):
        return f"{shown}, worst case {formats.apart(row['old_value_worst'], row['new_value_worst'], unit)[place]}"
    if row[f"{side}_denominator"] is None:
        return shown
    return f"{shown} · {formats.fraction(row[f'{side}_numerator'], row[f'{side}_denominator'], unit)}"


def difference(row: Mapping[str, Any], unit: str | None) -> str:
    """New minus old in the figure's unit, a rate's in points; a dash where one of them was not published or is no number."""
    worst = _only_at_worst(row)
    before, now = (row[f"{side}_value_worst" if worst else f"{side}_value"] for side in ("old", "new"))
    if before is None or now is None:
        return formats.NULL
    return _gap(now - before, unit) + (" (worst case)" if worst else "")


def _only_at_worst(row: Mapping[str, Any]) -> bool:
    """Is the worst case all that is another one?"""
    return row["old_value_worst"] != row["new_value_worst"] and all(
        row[f"old_{name}"] == row[f"new_{name}"] for name in ("value", "numerator", "denominator")
    )


def _gap(gap: float, unit: str | None) -> str:
    if unit in formats.SHARES:
        return f"{_signed(gap * 100)}\u00a0points"
    return f"{_signed(gap)}\u00a0{unit}" if unit in ("days", "hours") else _signed(gap)


def _signed(gap: float) -> str:
    """With its sign, and as many decimals as round off less than a tenth of it; a whole number has none."""
    decimals = 0
    if not float(gap).is_integer():
        decimals = next((places for places in range(1, 6) if abs(round(gap, places) - gap) < abs(gap) / 10), 6)
    text = f"{gap:+,.{decimals}f}" if gap else "0"
    return text.replace("-", "−")  # noqa: RUF001


def _period(row: Mapping[str, Any]) -> str:
    return periods.containing(row["period_start"], row["period_grain"]).label


def _part(row: Mapping[str, Any]) -> str:
    return (
        "Everything"
        if row["dimension"] == "all"
        else labels.dimension_value(row["dimension"], row["dimension_value"] or formats.NULL)
    )


def drawer_of_address(page: Page, span: SequenceRange) -> bool:
    """Open the drawer where the address names a figure that was restated; whether it is the sheet."""
    figure = parameters.key(NAME)
    found = data.steps_of(page.ref, span, figure) if figure else []
    if found:
        return tables.drawer("Restated figure", NAME, _drawer, page, found)
    return False


@guarded
def _drawer(page: Page, steps: list[dict[str, Any]]) -> None:
    row, unit = steps[0], data.units(page.ref).get(steps[0]["metric_code"])
    name, computed = metrics.names(page.ref).get(row["metric_code"], (labels.sentence(row["metric_code"]), ""))
    st.markdown(f"**{markdown.plain(name)}**, {_period(row)} · {markdown.plain(_part(row))}")
    st.caption(markdown.plain(computed))
    for step in steps:
        with st.container(border=True, gap="xsmall"):
            _step(page, step, unit)


def _step(page: Page, step: dict[str, Any], unit: str | None) -> None:
    before = value(step, "old", unit) if step["change"] != "new" else "not published"
    now = value(step, "new", unit) if step["change"] != "gone" else "not published"
    st.markdown(f"{markdown.plain(before)} → **{markdown.plain(now)}**  :small[{markdown.plain(difference(step, unit))}]")
    at = formats.instant(step["published_at"], page.snapshot.zone)
    st.caption(f"Snapshot {step['snapshot']}, published {at}; compared with {step['compared_with']}")
    causes = "; ".join(labels.label(labels.RESTATEMENT_CAUSES, cause) for cause in step["causes"])
    st.markdown(f":small[Because of: {markdown.plain(causes)}]")
    if step["batches"]:
        _batches(page, step["batches"])
    if step["versions"]:
        st.markdown(f":small[{markdown.plain('; '.join(step['versions']))}]")


def _batches(page: Page, batches: Sequence[str]) -> None:
    try:
        delivered = deliveries(Path(page.ref.home), batches)
    except PromisekeptError as error:
        delivered = {}
        st.caption(markdown.plain(str(error).partition("\n")[0]))
    columns = (
        Column("Batch", "batch"),
        Column("Source", lambda row: row["delivery"] and row["delivery"].source),
        Column("File", lambda row: row["delivery"] and row["delivery"].file),
        Column("Landed", lambda row: row["delivery"] and row["delivery"].landed_at),
    )
    tables.small(columns, [{"batch": batch, "delivery": delivered.get(batch)} for batch in batches], page.snapshot.zone)
