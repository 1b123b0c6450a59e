"""Sharing: which recipient failed which check, and where data went abroad.

Here: the two drawings of the sharing page. Not here: what is counted (data/sharing.py), rates by recipient (rates.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import BAD, HEAT, INFO, NEUTRAL, TEXT, UNSURE, VIOLET, axis, tips, words_beside
from promisekept.presentation import formats, labels

CELL = "cell"
"""The name of what a click chooses: a recipient and a check."""
PALE = 0.55
"""Up to this heat a number is written in the page's own colour, above it in white."""
SAFEGUARDS = {
    "adequate": ("Adequate", INFO),
    "mechanism": ("By agreement", VIOLET),
    "none": ("✕ No safeguard", BAD),
    "unknown": ("? Not known", UNSURE),
}


@drawn
def matrix(recipients: Sequence[Mapping[str, Any]], checks: Mapping[str, str], chosen: tuple[str, ...] | None) -> alt.LayerChart:
    """Recipients with their total x checks: the number failed, empty where none did, a dash where none applied.

    Args:
        recipients: one row each, `called` by its name, with `<check>` failed and `<check>_applicable`.
        checks: the check's code and its words, in order.
        chosen: recipient and check that are in force, or nothing; None where a cell leads nowhere.
    """
    most = max((row[check] for row in recipients for check in checks), default=0)
    rows = [_cell(row, check, name, most, chosen) for row in recipients for check, name in checks.items()]
    titles = [f"{row['called']} {formats.count(row['disclosures'])}" for row in recipients]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X(
            "name:N",
            sort=list(checks.values()),
            scale=alt.Scale(paddingInner=0.1),
            axis=axis(orient="top", labelAngle=-40, labelAlign="left", labelOpacity=0.9),
        ),
        y=alt.Y("label:N", sort=titles, scale=alt.Scale(paddingInner=0.1), axis=axis(labelOpacity=0.9)),
    )
    layers = [
        (base.mark_rect(color=NEUTRAL, opacity=0.12, cornerRadius=2), "applicable"),
        (base.mark_rect(color=HEAT, cornerRadius=2).encode(opacity=alt.Opacity("heat:Q", scale=None)), "failed"),
        (_numbers(base, "#FFFFFF"), "hot"),
        (_numbers(base, TEXT), "cold"),
        (base.mark_rect(filled=False, stroke=TEXT, strokeWidth=2, cornerRadius=2), "chosen"),
    ]
    # A layer without a mark would be an image without a name to a screen reader.
    drawn = [layer.transform_filter(f"datum.{what}") for layer, what in layers if any(row[what] for row in rows)]
    return alt.layer(*drawn, _cells(base, clickable=chosen is not None))


def _numbers(base: alt.Chart, colour: str) -> alt.Chart:
    return base.mark_text(fontSize=11, fontWeight=600, color=colour).encode(text=alt.Text("words:N"))


def _cells(base: alt.Chart, *, clickable: bool) -> alt.Chart:
    """What is pointed at: the whole cell, above everything that is drawn in it."""
    cells = base.mark_rect(opacity=0, **({"cursor": "pointer"} if clickable else {})).encode(
        tooltip=tips(called="Recipient", name="Check", shown_of="Failed")
    )
    return cells.add_params(alt.selection_point(name=CELL, fields=["recipient", "check"], toggle=False)) if clickable else cells


def _cell(row: Mapping[str, Any], check: str, name: str, most: int, chosen: tuple[str, ...] | None) -> dict[str, Any]:
    failed, applicable = row[check], row[f"{check}_applicable"]
    heat = 0.16 + 0.84 * failed / most if failed else 0.0
    words = formats.compact(failed) if failed else "" if applicable else formats.NULL
    return {
        "recipient": row["recipient_id"],
        "called": row["called"],
        "label": f"{row['called']} {formats.count(row['disclosures'])}",
        "check": check,
        "name": name,
        "failed": failed,
        "applicable": applicable,
        "heat": heat,
        "hot": bool(words) and heat > PALE,
        "cold": bool(words) and heat <= PALE,
        "words": words,
        "shown_of": formats.out_of(failed, applicable) if applicable else "does not apply",
        "chosen": chosen == (row["recipient_id"], check),
    }


@drawn
def transfers(rows: Sequence[Mapping[str, Any]], countries: Sequence[str]) -> alt.LayerChart:
    """Bars by country, most first, in parts by what makes the transfer safe; the parts are named at the bar's end."""
    whole = {country: sum(row["n"] for row in rows if row["country"] == country) for country in countries}
    data = pd.DataFrame(
        [
            {
                "country": labels.jurisdiction(row["country"]),
                "kind": SAFEGUARDS[row["kind"]][0],
                "order": list(SAFEGUARDS).index(row["kind"]),
                "n": row["n"],
                "shown": formats.count(row["n"]),
                "safeguard": safeguard(row),
            }
            for row in rows
            if row["country"] in whole
        ]
    )
    ends = pd.DataFrame(
        [
            {
                "country": labels.jurisdiction(country),
                "n": number,
                "words": _named([row for row in rows if row["country"] == country]),
            }
            for country, number in whole.items()
        ]
    )
    order = [labels.jurisdiction(country) for country in countries]
    y = alt.Y("country:N", sort=order, axis=axis(labelOpacity=0.9), scale=alt.Scale(paddingInner=0.45))
    scale = alt.Scale(domain=[0, max(whole.values()) * 1.9], nice=False)
    ticks = axis(grid=True, tickCount=4, tickMinStep=1, title="Disclosures", titleAnchor="end", format=",d")
    bars = (
        alt.Chart(data)
        .mark_bar(cornerRadius=1.5)
        .encode(
            y=y,
            x=alt.X("n:Q", scale=scale, axis=ticks, stack="zero"),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(
                    domain=[name for name, _ in SAFEGUARDS.values()], range=[colour for _, colour in SAFEGUARDS.values()]
                ),
                legend=None,
            ),
            order=alt.Order("order:Q"),
            tooltip=tips(country="Country", safeguard="Safeguard", shown="Disclosures"),
        )
    )
    return alt.layer(bars, words_beside(alt.Chart(ends), y=y, x=alt.X("n:Q", scale=scale)))


def _named(parts: Sequence[Mapping[str, Any]]) -> str:
    """A bar's end: number and safeguard; of several parts the number of each by kind, for the words would not fit."""
    if len(parts) == 1:
        return f"{formats.count(parts[0]['n'])} · {safeguard(parts[0])}"
    kinds = {kind: sum(row["n"] for row in parts if row["kind"] == kind) for kind in SAFEGUARDS}
    return ", ".join(f"{formats.count(number)} {SAFEGUARDS[kind][0].lower()}" for kind, number in kinds.items() if number)


def safeguard(row: Mapping[str, Any]) -> str:
    """What makes a transfer safe, in words."""
    if row["kind"] == "mechanism":
        return labels.sentence(row["mechanism"]) or SAFEGUARDS["mechanism"][0]
    return SAFEGUARDS[row["kind"]][0]
