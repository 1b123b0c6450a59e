"""Compare: which verdicts changed between two periods or two snapshots, and why?

Here: the page, its controls and the bridge. Not here: which two sides (sides.py), the changed verdicts (verdicts.py), what else
moved (movements.py), or why a verdict changed (promisekept/assessment).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import streamlit as st

from dashboards import layout, markdown, parameters
from dashboards.charts import bridges as drawings
from dashboards.charts import theme
from dashboards.components import controls
from dashboards.components.sections import guarded, nothing
from dashboards.page import Page
from dashboards.views.compare import movements, sides, verdicts
from dashboards.views.compare.sides import MODES, ComparisonChoice, Side
from promisekept.assessment import bridges
from promisekept.assessment.changes import Assessment, changed_verdicts
from promisekept.assessment.reasons import asked
from promisekept.presentation import formats, statuses
from promisekept.publishing.reader import Row, read_manifest


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Compare")
    chosen = sides.chosen(page)
    base, now = (chosen.sides.get(one) for one in (chosen.base, chosen.now))
    if base is None or now is None:
        layout.header(page, "Compare", "Two periods or two snapshots, side by side", lambda: _mode(chosen.mode), by_period=False)
        _nothing_yet(chosen.mode)
        return
    draw(page, chosen, base, now)


def draw(page: Page, chosen: ComparisonChoice, base: Side, now: Side) -> None:
    """The two sides, in the order of the page: bridge, changed verdicts, movements, kinds of findings, what both rest on."""
    before, after = base.assessed(), now.assessed()
    changes = changed_verdicts(before, after, same_period=chosen.mode == "snapshots")
    sentence = (
        f"{formats.count(len(after.promises))} promises, assessed for {base.period.words} and for {now.period.words}"
        if chosen.mode == "periods"
        else f"{formats.count(len(after.promises))} promises, assessed for {now.period.words} by two snapshots"
    )
    layout.header(page, "Compare", sentence, lambda: _controls(chosen), by_period=False)
    differs = _rules(base, now, before, after)
    if differs:
        st.warning(differs, icon=":material/gavel:")
    _bridges(base, now, before, after)
    st.caption(_unchanged(before, after, len(changes), is_same_rule=not differs))
    verdicts.draw(changes, base.label, now.label, sides.address(page, now), len(after.promises))
    movements.draw(page, before, after)
    movements.kinds_and_basis(base, now)


def _mode(mode: str) -> None:
    controls.segments("mode", "Compare", MODES, mode, "periods", drops=("base", "with"), label_visibility="visible")


def _controls(chosen: ComparisonChoice) -> None:
    _mode(chosen.mode)
    titles = {value: side.label.removeprefix("snapshot ") for value, side in chosen.sides.items()}
    controls.choice("base", "Baseline", titles, chosen.base, drops=(), width=128)
    if not parameters.printing():
        st.button("Swap", icon=":material/swap_horiz:", on_click=_swap, args=(chosen,))
    controls.choice("with", "Compared", titles, chosen.now, drops=(), width=128)


def _swap(chosen: ComparisonChoice) -> None:
    parameters.put("base", chosen.now)
    parameters.put("with", chosen.base)


def _nothing_yet(mode: str) -> None:
    if mode == "snapshots":
        nothing("Nothing to compare yet", "1 snapshot is kept; the next run that finds something new publishes the second.")
    else:
        nothing("Nothing to compare yet", "The snapshot has verdicts for 1 period only.")


def _rules(base: Side, now: Side, before: Assessment, after: Assessment) -> str:
    """What of pack and targets differs between the two; empty where nothing does."""
    packs = [_pack(side) for side in (base, now)]
    parts = [f"policy pack {packs[0]} and {packs[1]}"] if packs[0] != packs[1] else []
    keys = before.measures.keys() | after.measures.keys()
    both = [(key, before.measures.get(key), after.measures.get(key)) for key in keys]
    differing = sorted({(was or becomes or {})["clause_id"] for _, was, becomes in both if _asked(was) != _asked(becomes)})
    if differing:
        parts.append(f"targets or measures of {', '.join(map(markdown.plain, differing))}")
    return f"**Rules differ:** {'; '.join(parts)}. A verdict may have changed for that alone." if parts else ""


def _asked(row: Row | None) -> tuple[str | None, float | None] | None:
    return asked(row) if row else None


def _pack(side: Side) -> str:
    """Version and hash of the pack that a snapshot was computed with."""
    pack = (read_manifest(Path(side.ref.home), side.ref.id) or {"pack": {"version": "?", "sha256": ""}})["pack"]
    return f"{markdown.plain(pack['version'])} ({pack['sha256'][:8]})"


@guarded
def _bridges(base: Side, now: Side, before: Assessment, after: Assessment) -> None:
    found = bridges.bridges(before, after)
    most = max(1, *(max(one.before, one.after) for one in found))
    grid = st.grid(len(found), border=True, min_column_width=260, gap=14)
    for one in found:
        with grid.cell(), st.container(gap="xsmall"):
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.markdown(f"**{one.name}**", width="content")
                st.caption(f"{one.before} → {one.after} of {len(after.promises)}", width="content")
            steps = "; ".join(f"{step.words} {step.number:+d}" for step in one.steps) or "no change"
            theme.show(
                drawings.bridge(one, _short(base), _short(now), most),
                spoken=f"{one.name}: {one.before} in {base.label}; {steps}; {one.after} in {now.label}",
                height=theme.LOW,
            )


def _short(side: Side) -> str:
    return side.label.removeprefix("snapshot ")


def _unchanged(before: Assessment, after: Assessment, changed: int, *, is_same_rule: bool) -> str:
    both = [row["status"] for clause, row in after.by_clause.items()
            if clause in before.by_clause and before.by_clause[clause]["status"] == row["status"]]  # fmt: skip
    number = Counter(
        "kept" if status in statuses.KEPT else "missed" if status == "missed"
        else "not assessable" if status in statuses.NOT_ASSESSABLE else "without a case"
        for status in both
    )  # fmt: skip
    same = ", ".join(f"{number[word]} {word}" for word in ("kept", "missed", "not assessable", "without a case") if number[word])
    every = len(after.promises)
    first = (
        f"{changed} of {every} verdicts changed; {len(both)} are the same: {same}."
        if changed
        else f"{len(both)} of {every} verdicts are the same."
    )
    rules = " Pack, rules and targets are the same on both sides." if is_same_rule else ""
    return f":material/info: {first} Lost evidence never counts as better.{rules}"


if __name__ == "__main__":
    main()
