"""One restated figure: old and new in words, and in a drawer every publication that changed it with what brought the change.

Here: wording and the drawer. Not here: the list (restatements.py), the rows (data/restatements.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import notation, parameters, periods, words
from dashboards.data import metrics
from dashboards.data import restatements as data
from dashboards.data.restatements import Span
from dashboards.figures import guarded
from dashboards.page import Page
from promisekept.errors import PromisekeptError
from promisekept.publishing.provenance import deliveries

_NAME = "figure"
_KEY = re.compile(r"^[0-9a-f]{32}$")


def names(page: Page) -> dict[str, str]:
    """What a person calls each metric."""
    return {code: name for code, (name, _) in metrics.names(page.ref).items()}


def said(row: Mapping[str, Any], known: Mapping[str, str], units: Mapping[str, str]) -> dict[str, Any]:
    """A restated figure in the reader's words."""
    unit = units.get(row["metric_code"])
    return {
        "Figure": known.get(row["metric_code"], words.sentence(row["metric_code"])),
        "Period": _period(row),
        "Of": _part(row),
        "Before": value(row, "old", unit) if row["was_said"] else "not said",
        "Now": value(row, "new", unit) if row["is_said"] else "not said",
        "Difference": difference(row, unit),
        "Causes": "; ".join(words.say(words.RESTATED_BY, cause) for cause in row["causes"]),
        "Batches": ", ".join(row["batches"]) or notation.NULL,
    }


def exact(row: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """A restated figure as it is taken away: every number as it stands in the history."""
    return {
        "Figure": known.get(row["metric_code"], row["metric_code"]),
        "Code": row["metric_code"],
        "Grain": row["period_grain"],
        "Begins": row["period_start"],
        "Ends": row["period_end"],
        "Dimension": row["dimension"],
        "Value of it": row["dimension_value"],
        **{f"{when} {name.replace('_', ' ')}": row[f"{side}_{name}"] for when, side in (("Before:", "old"), ("Now:", "new"))
           for name in ("numerator", "denominator", "value", "value_worst")},
        "Causes": "; ".join(row["causes"]),
        "Batches": "; ".join(row["batches"]),
        "Versions": "; ".join(row["versions"]),
        "Snapshots": "; ".join(row["snapshots"]),
    }  # fmt: skip


def value(row: Mapping[str, Any], side: str, unit: str | None) -> str:
    """`96.4% · 1,204 of 1,249`; the worst reading where only that is another one."""
    number = row[f"{side}_value"]
    shown = notation.measured(number, unit)
    if _only_at_worst(row):
        return f"{shown}, at worst {notation.measured(row[f'{side}_value_worst'], unit)}"
    if row[f"{side}_denominator"] is None:
        return shown
    return f"{shown} · {notation.out_of(row[f'{side}_numerator'], row[f'{side}_denominator'])}"


def difference(row: Mapping[str, Any], unit: str | None) -> str:
    """New minus old in the figure's unit, a rate's in points; a dash where one of them was not said or is no number."""
    worst = _only_at_worst(row)
    before, now = (row[f"{side}_value_worst" if worst else f"{side}_value"] for side in ("old", "new"))
    if before is None or now is None:
        return notation.NULL
    return _gap(now - before, unit) + (" at worst" if worst else "")


def _only_at_worst(row: Mapping[str, Any]) -> bool:
    """Is the worst reading all that is another one?"""
    return row["old_value_worst"] != row["new_value_worst"] and all(
        row[f"old_{name}"] == row[f"new_{name}"] for name in ("value", "numerator", "denominator")
    )


def _gap(gap: float, unit: str | None) -> str:
    if unit in notation.SHARES:
        return f"{_signed(gap * 100)}\u00a0points"
    return f"{_signed(gap)}\u00a0{unit}" if unit in ("days", "hours") else _signed(gap)


def _signed(gap: float) -> str:
    """With its sign, and as many decimals as leave less than a tenth of it untold; a whole number has none."""
    decimals = 0
    if not float(gap).is_integer():
        decimals = next((places for places in range(1, 6) if abs(round(gap, places) - gap) < abs(gap) / 10), 6)
    text = f"{gap:+,.{decimals}f}" if gap else "0"
    return text.replace("-", "−")  # noqa: RUF001


def _period(row: Mapping[str, Any]) -> str:
    return periods.containing(row["period_start"], row["period_grain"]).label


def _part(row: Mapping[str, Any]) -> str:
    return "Everything" if row["dimension"] == "all" else words.value(row["dimension"], row["dimension_value"] or notation.NULL)


def frame_key(frame: str) -> str:
    """The key of the table that opens the drawer; a new one after each closing, so that no row stays selected."""
    return f"{frame}_{st.session_state.get(frame, 0)}"


def choose(frame: str, figures: Sequence[str]) -> None:
    """Keep the selected row's figure in the address."""
    chosen = st.session_state[frame_key(frame)]["selection"]["rows"]
    parameters.put(_NAME, figures[chosen[0]] if chosen and chosen[0] < len(figures) else None)


def drawer_if_asked(page: Page, span: Span, frame: str) -> None:
    """Open the drawer where the address names a figure that was restated."""
    figure = parameters.text(_NAME, 32)
    found = data.steps_of(page.ref, span, figure) if _KEY.match(figure) else []
    if not found:
        return

    def close() -> None:
        st.session_state[frame] = st.session_state.get(frame, 0) + 1
        parameters.drop([_NAME])

    st.dialog("Restated figure", width=560, position="right", on_dismiss=close)(_drawer)(page, found)


@guarded
def _drawer(page: Page, steps: list[dict[str, Any]]) -> None:
    row, unit = steps[0], data.units(page.ref).get(steps[0]["metric_code"])
    name, computed = metrics.names(page.ref).get(row["metric_code"], (words.sentence(row["metric_code"]), ""))
    st.markdown(f"**{notation.plain(name)}**, {_period(row)} · {notation.plain(_part(row))}")
    st.caption(notation.plain(computed))
    for step in steps:
        with st.container(border=True, gap="xsmall"):
            _step(page, step, unit)


def _step(page: Page, step: dict[str, Any], unit: str | None) -> None:
    before = value(step, "old", unit) if step["change"] != "new" else "not said"
    now = value(step, "new", unit) if step["change"] != "gone" else "not said"
    st.markdown(f"{notation.plain(before)} → **{notation.plain(now)}**  :small[{notation.plain(difference(step, unit))}]")
    at = notation.instant(step["published_at"], page.snapshot.zone)
    st.caption(f"Said by {step['snapshot']}, published {at}; before it by {step['compared_with']}")
    causes = "; ".join(words.say(words.RESTATED_BY, cause) for cause in step["causes"])
    st.markdown(f":small[Because of: {notation.plain(causes)}]")
    if step["batches"]:
        _batches(page, step["batches"])
    if step["versions"]:
        st.markdown(f":small[{notation.plain('; '.join(step['versions']))}]")


def _batches(page: Page, batches: Sequence[str]) -> None:
    try:
        known = deliveries(Path(page.ref.home), batches)
    except PromisekeptError as error:
        known = {}
        st.caption(notation.plain(str(error).partition("\n")[0]))
    st.table(
        pd.DataFrame(
            [
                {
                    "Batch": batch,
                    "Source": notation.plain(known[batch].source) if batch in known else notation.NULL,
                    "File": notation.plain(known[batch].file) if batch in known else notation.NULL,
                    "Landed": notation.instant(known[batch].landed_at, page.snapshot.zone) if batch in known else notation.NULL,
                }
                for batch in batches
            ]
        ),
        border="horizontal",
        hide_index=True,
    )
