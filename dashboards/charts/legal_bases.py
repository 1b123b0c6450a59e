"""On which legal basis each purpose is processed for.

Here: one drawing. Not here: whether the basis suits the purpose (the mart holds it).
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboards.charts.rendering import drawn
from dashboards.charts.theme import INFO, NEUTRAL, OK, SOFT_INFO, SOFT_UNSURE, UNSURE, VIOLET, axis, by_kind, tips, words_beside
from promisekept.presentation import formats

BASES = {
    "consent": ("Consent", INFO),
    "contract": ("Contract", SOFT_INFO),
    "legitimate_interests": ("Legitimate interests", SOFT_UNSURE),
    "legal_obligation": ("Legal obligation", OK),
    "public_task": ("Public task", VIOLET),
    "vital_interests": ("Vital interests", UNSURE),
    "other": ("Other basis", NEUTRAL),
}


@drawn
def by_purpose(operations: Sequence[tuple[str, str, int]]) -> alt.LayerChart:
    """Bars by purpose, parted by basis; `operations` are (purpose in words, basis code, number), the largest purpose first."""
    totals: dict[str, int] = {}
    for purpose, _, number in operations:
        totals[purpose] = totals.get(purpose, 0) + number
    order = list(totals)
    data = pd.DataFrame(
        [
            {
                "purpose": purpose,
                "kind": BASES[basis][0],
                "place": list(BASES).index(basis),
                "operations": number,
                "shown_of": formats.out_of(number, totals[purpose]),
            }
            for purpose, basis, number in operations
        ]
    )
    y = alt.Y("purpose:N", sort=order, axis=axis(labelOpacity=0.9), scale=alt.Scale(paddingInner=0.4))
    scale = alt.Scale(domain=[0, max(totals.values()) * 1.12], nice=False)
    bars = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X(
                "operations:Q",
                stack="zero",
                scale=scale,
                axis=axis(grid=True, tickCount=4, tickMinStep=1, title="Processing operations", titleAnchor="end", format=",d"),
            ),
            y=y,
            color=by_kind(dict(BASES.values()), data["kind"]),
            order=alt.Order("place:Q"),
            tooltip=tips(purpose="Purpose", kind="Basis", shown_of="Operations"),
        )
    )
    ends = pd.DataFrame(
        [{"purpose": purpose, "operations": whole, "words": formats.count(whole)} for purpose, whole in totals.items()]
    )
    return alt.layer(bars, words_beside(alt.Chart(ends), x=alt.X("operations:Q", scale=scale), y=y))
