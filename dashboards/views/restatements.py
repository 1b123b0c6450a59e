"""Restatements: which figures of closed periods does a later snapshot say otherwise, and why?

Here: the page and its table. Not here: one figure with the deliveries that changed it (restated.py), the rows
(data/restatements.py), their wording (restated.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, frame, notation, parameters, words
from dashboards.data import restatements as data
from dashboards.data.restatements import Asked, Span, Told
from dashboards.figures import Card, cards, guarded, nothing, section
from dashboards.page import Page
from dashboards.views import lists, restated

FRAME = "restatements_frame"
_SENTENCE = "Figures of closed periods that a later snapshot says otherwise than an earlier one, with the cause of each"


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Restatements")
    if not data.has_history(page.snapshot):
        frame.header(page, "Restatements", _SENTENCE, by_period=False)
        nothing("This snapshot brings no history", "It was published before histories were kept. The next one brings it.")
        return
    told = data.published(page.ref)
    if len(told) < 2:
        frame.header(page, "Restatements", _SENTENCE, by_period=False)
        nothing("This is the first snapshot", "0 figures were published before it, so none can be said otherwise.", good=True)
        return
    until = _chosen("to", told[:-1], told[0])
    after = _chosen("from", [one for one in told if one.sequence < until.sequence], told[told.index(until) + 1])
    frame.header(page, "Restatements", _SENTENCE, lambda: _spans(page, told, after, until), by_period=False)
    span = Span(after.sequence, until.sequence)
    _figures(page, span, after, until)
    _causes(page, span)
    worklist(page, span)


def _chosen(name: str, allowed: list[Told], default: Told) -> Told:
    wanted = parameters.one(name, [one.id for one in allowed], default.id)
    return next(one for one in allowed if one.id == wanted)


def _spans(page: Page, told: list[Told], after: Told, until: Told) -> None:
    labels = {one.id: _label(one, page.snapshot.zone) for one in told}
    st.session_state["from"], st.session_state["to"] = after.id, until.id
    for name, caption, offered, default in (
        ("from", "Compared with", [one.id for one in told if one.sequence < until.sequence], told[told.index(until) + 1].id),
        ("to", "Said by", [one.id for one in told[:-1]], told[0].id),
    ):
        st.selectbox(
            caption,
            offered,
            format_func=labels.__getitem__,
            key=name,
            width=220,
            on_change=_keep_span,
            args=(name, default),
        )


def _label(one: Told, zone: str) -> str:
    return f"{one.id} · {notation.day(notation.local(one.published_at, zone).date())}" if one.published_at else one.id


def _figures(page: Page, span: Span, after: Told, until: Told) -> None:
    now, said = data.counted(page.ref, span), data.figures_said(page.ref, span.after)
    snapshots = "1 snapshot" if until.sequence - after.sequence == 1 else f"{until.sequence - after.sequence} snapshots"
    of = f"of {notation.count(now['restated'])} restated"
    cards(
        [
            Card(
                "Figures restated",
                notation.count(now["restated"]),
                f"of {notation.count(said)} that {after.id} said of closed periods · by {snapshots}",
            ),
            Card("Over everything", notation.count(now["whole"]), f"{of}; the others are breakdowns of them"),
            Card("Say another number", notation.count(now["changed"]), of),
            Card("Added or gone", notation.count(now["added"] + now["gone"]), f"{of}: {now['added']} added, {now['gone']} gone"),
        ]
    )


@guarded
def _causes(page: Page, span: Span) -> None:
    found = data.by_cause(page.ref, span)
    whole = data.counted(page.ref, span)["restated"]
    if not found:
        return
    rows = [
        {
            "Cause": words.say(words.RESTATED_BY, row["cause"]),
            "Figures": notation.out_of(row["figures"], whole),
            "Batches": notation.count(row["batches"]),
        }
        for row in found
    ]
    with section("Why", "Figures by cause; several causes may hold for one", lambda: export.button("by cause", rows)):
        st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


@st.fragment
@guarded
def worklist(page: Page, span: Span) -> None:
    """The figures, a page at a time; the controls rerun nothing else."""
    counted, names = data.counted(page.ref, span), restated.names(page)
    scope = parameters.one("scope", ("every",), "whole")
    asked = Asked(scope == "whole", parameters.several("metric", counted["metrics"] or []))
    number = data.number(page.ref, span, asked)

    def controls() -> None:
        labels = {
            "whole": f"Over everything · {notation.count(counted['whole'])}",
            "every": f"Every breakdown · {notation.count(counted['restated'])}",
        }
        st.session_state["scope"], st.session_state["metric"] = scope, list(asked.metric)
        st.multiselect(
            "Figures",
            counted["metrics"] or [],
            format_func=lambda code: names.get(code, words.sentence(code)),
            key="metric",
            placeholder="All figures",
            label_visibility="collapsed",
            width=220,
            on_change=lambda: _keep("metric"),
        )
        st.segmented_control(
            "Breakdown",
            list(labels),
            format_func=labels.__getitem__,
            key="scope",
            required=True,
            label_visibility="collapsed",
            on_change=lambda: _keep("scope", "whole"),
        )
        export.control(
            "list",
            lambda: [restated.exact(row, names) for row in data.every(page.ref, span, asked)],
            number=number,
            of=counted["restated"],
            filters={"metric": asked.metric, "from": (str(span.after),), "to": (str(span.until),), "scope": (scope or "",)},
        )

    with section("Restated figures", "Newest periods first. Select a row for the deliveries that changed it", controls):
        if not number:
            said = data.figures_said(page.ref, span.after)
            nothing(
                "No figure was restated" if not counted["restated"] else "No restated figure matches",
                f"0 of {notation.count(counted['restated'] or said)} "
                + ("restated figures." if counted["restated"] else "figures of closed periods are said otherwise."),
                good=not counted["restated"],
            )
        else:
            _table(page, span, asked, number, names)
    restated.drawer_if_asked(page, span, FRAME)


def _table(page: Page, span: Span, asked: Asked, number: int, names: dict[str, str]) -> None:
    rows = data.page(page.ref, span, asked, lists.rows_from_to("page", number))
    units = data.units(page.ref)
    column = st.column_config
    st.dataframe(
        pd.DataFrame([restated.said(row, names, units) for row in rows]),
        hide_index=True,
        row_height=34,
        height="content",
        selection_mode="single-row",
        on_select=lambda: restated.choose(FRAME, [row["figure"] for row in rows]),
        placeholder=notation.NULL,
        key=restated.frame_key(FRAME),
        alt="Restated figures with old and new value",
        column_config={
            "Figure": column.TextColumn(width=216),
            "Period": column.TextColumn(width=80),
            "Of": column.TextColumn(width=110),
            "Before": column.TextColumn(width=146, alignment="right"),
            "Now": column.TextColumn(width=146, alignment="right"),
            "Difference": column.TextColumn(width=130, alignment="right"),
            "Causes": column.TextColumn(width=140),
            "Batches": column.TextColumn(width=80),
        },
    )
    lists.turn("page", number, len(rows))


def _keep(name: str, default: str | None = None) -> None:
    value: Any = st.session_state[name]
    parameters.put(name, value, default)
    parameters.drop(["page"])


def _keep_span(name: str, default: str) -> None:
    parameters.put(name, st.session_state[name], default)
    parameters.drop(["page", "figure", *(["from"] if name == "to" else [])])


if __name__ == "__main__":
    main()
