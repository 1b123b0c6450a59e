"""A page as a sheet of paper: `?print=1` draws what the page shows as head, figures, charts and whole tables.

Here: what only paper has: the running head and foot, figures in plain text, tables with all their columns and up to 50 rows, and
the words that stand for a control. Not here: what a page shows (views/ draw the same parts for the screen and for paper). A
control draws its value in words there, a button nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.page import Page, file_of
from promisekept.presentation import formats
from promisekept.presentation.statuses import Status

Cell = str | Status

ROWS = 50
"""How many rows of a list a sheet shows."""
FIGURES = "figures"
"""The key of the band of figures, by which the style finds it."""
WIDTH = 700
"""Pixels between the margins, of 794 on A4."""
_LETTER = 5.6
"""Pixels of a letter in a table, on average."""
CODE = 15
"""Letters of a code that is never broken."""
_PADDING, _WORD = 12, 18
_NAMING = 2
"""The number of columns that identify a row; they are never left out."""
_PROVENANCE = ("Batch · row", "First seen", "Source")
"""Columns of provenance, in the order in which they are left out where a table is too wide."""
_INKS = {"green": "#0b6b4f", "red": "#a33a12", "yellow": "#7a5d12", "blue": "#1f4fa8", "violet": "#5b3fa0", "gray": "#4b5563"}
_INSTRUCTION = re.compile(r"(^|[.;:,]?\s)(Select|Choose) an? [^.]*\.?$")

_STYLE = f"""<style>
@page {{
  margin: 17mm 12mm 15mm;
  @top-left {{ content: "$organisation"; font: 600 10px Inter, sans-serif; color: #1c2430; vertical-align: middle; }}
  @top-right {{ content: "$page"; font: 10px Inter, sans-serif; color: #4b5563; vertical-align: middle; }}
  @bottom-left {{ content: "$foot"; font: 9.5px Inter, sans-serif; color: #4b5563; white-space: nowrap; }}
  @bottom-right {{
    content: "page " counter(page) " of " counter(pages); font: 9.5px Inter, sans-serif; color: #4b5563;
  }}
}}
html, body, [data-testid="stApp"] {{ background: #fff !important; color-scheme: light; }}
[data-testid="stApp"] :is(p, h1, h2, h3, td, th, li, span, label, strong) {{ color: #1c2430; }}
[data-testid="stApp"] [data-testid="stCaptionContainer"] :is(p, strong) {{ color: #4b5563; }}
[data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stSidebar"], [data-testid="stStatusWidget"],
[data-testid="stElementToolbar"] {{
  display: none !important;
}}
[data-testid="stApp"], [data-testid="stAppViewContainer"], [data-testid="stMain"] {{
  position: static !important; overflow: visible !important; height: auto !important; display: block !important;
}}
[data-testid="stMainBlockContainer"] {{
  width: {WIDTH}px !important; max-width: none !important; margin: 0 auto; padding: 24px 0 !important;
}}
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"] {{ display: block !important; }}
[data-testid="stVerticalBlock"] > * {{ margin-bottom: 5px; }}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] > * {{ margin-bottom: 10px; }}
[data-testid="stVerticalBlock"]:has(> [data-testid="stElementContainer"] h2) > :not(:last-child) {{ break-after: avoid; }}
[data-testid="stMarkdownContainer"], [data-testid="stHeading"], [data-testid="stCaptionContainer"] {{ margin: 0 !important; }}
[data-testid="stElementContainer"], [data-testid="stHorizontalBlock"], [data-testid="stLayoutWrapper"] {{
  height: auto !important; min-height: 0; flex-shrink: 0;
}}
[data-testid="stMainBlockContainer"] p, [data-testid="stMainBlockContainer"] li {{
  font-size: 11px; line-height: 1.4; margin: 0;
}}
[data-testid="stCaptionContainer"] {{ opacity: 1 !important; color: #4b5563 !important; }}
[data-testid="stMainBlockContainer"] [data-testid="stCaptionContainer"] p {{ font-size: 10.5px; }}
[data-testid="stMainBlockContainer"] p :is(span, code, small) {{ font-size: max(1em, 9.5px); }}
[data-testid="stMainBlockContainer"] h1 {{ font-size: 24px; padding: 0; }}
[data-testid="stMainBlockContainer"] h2 {{ font-size: 15px; padding: 8px 0 0; break-after: avoid; }}
[data-testid="stMainBlockContainer"] h3 {{ font-size: 13px; padding: 4px 0 0; break-after: avoid; }}
[data-testid="stVegaLiteChart"], [data-testid="stAlert"] {{ break-inside: avoid; }}
[class*="st-key-figures"] {{
  border-top: 1.5px solid #1c2430; border-bottom: 1px solid #8b94a3; padding: 8px 0; break-inside: avoid;
}}
[class*="st-key-figures"] p strong {{ font-size: 21px; font-weight: 650; line-height: 1.15; }}
.sheet-head {{ display: flex; justify-content: space-between; gap: 24px; align-items: end; }}
.sheet-head p {{ margin: 0; font-size: 11px; color: #4b5563; }}
.sheet-head > p:last-child {{ text-align: right; flex: none; }}
.sheet-table {{ width: 100%; border-collapse: collapse; font-size: 10px; line-height: 1.35; color: #1c2430; }}
.sheet-table thead {{ display: table-header-group; }}
.sheet-table tr {{ break-inside: avoid; }}
.sheet-table th {{
  text-align: left; font-weight: 500; color: #4b5563; padding: 4px 6px; border-bottom: 1px solid #1c2430; vertical-align: bottom;
}}
.sheet-table td {{ padding: 4px 6px; border-bottom: 1px solid #d3d8df; vertical-align: top; overflow-wrap: break-word; }}
.sheet-table tbody tr:last-child td {{ border-bottom: 1px solid #8b94a3; }}
.sheet-table :is(th, td):first-child {{ padding-left: 0; }}
.sheet-table :is(th, td):last-child {{ padding-right: 0; }}
.sheet-table .long {{ overflow-wrap: anywhere; }}
.sheet-table td.whole {{ white-space: nowrap; overflow-wrap: normal; }}
.sheet-table .number {{ text-align: right; }}
[data-testid="stApp"] .sheet-note.sheet-note {{ font-size: 10px; color: #4b5563; margin: 4px 0 0; }}
.sheet-table.crowded {{ table-layout: fixed; overflow-wrap: anywhere; }}
[data-testid="stTable"] td, [data-testid="stTable"] th, [data-testid="stTable"] p {{ font-size: 10px; padding: 3px 6px; }}
[data-testid="stTable"] tr {{ break-inside: avoid; }}
[data-testid="stTable"] p {{ padding: 0; }}
@media print {{
  .st-key-screen {{ display: none !important; }}
  [data-testid="stMainBlockContainer"] {{ padding: 0 !important; margin: 0; }}
}}
</style>"""


def begin(page: Page, title: str) -> None:
    """The look of the sheet, its running head and foot, and on the screen alone how to print it and the way back."""
    _margins(page, title, by_period=True)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="screen"):
        st.caption("This is the printed sheet: Ctrl+P or ⌘P prints it or keeps it as PDF", width="content")
        st.page_link(
            file_of(title), label="Back to the page", icon=":material/arrow_back:", query_params=parameters.others("print")
        )


def _margins(page: Page, title: str, *, by_period: bool) -> None:
    manifest = page.snapshot.manifest
    digest = str(manifest["content_hash"])
    values = {
        "organisation": str(manifest["organisation"]),
        "page": f"{unmarked(title)} · {_about(page, by_period=by_period)}",
        "foot": (f"Snapshot {page.ref.id} · content hash sha256 {digest[:16]}…{digest[-8:]} · check with promisekept fsck"),
    }
    style = _STYLE
    for name, value in values.items():
        style = style.replace(f"${name}", _quoted(value))
    st.html(style)


def _quoted(text: str) -> str:
    """A text within a string of CSS: all but letters, digits and blanks by their code points."""
    return re.sub(r"[^A-Za-z0-9 ]", lambda found: f"\\{ord(found[0]):x} ", text)


def _about(page: Page, *, by_period: bool) -> str:
    """The period with its days, or the day up to which everything counts."""
    period = page.period
    if not by_period or period.start is None or period.end is None:
        return f"to {formats.day(page.today)}"
    return f"{period.label}, {formats.short_day(period.start)}{formats.TO}{formats.day(period.end - timedelta(days=1))}"


def head(page: Page, title: str, sentence: str, *, by_period: bool) -> None:
    """Title and what is counted; at the right the period, as of, and the verdict of the gate."""
    if not by_period:
        _margins(page, title, by_period=False)
    shown = page.snapshot
    passed, declared = shown.quality["passed"], shown.quality["declared"]
    gate = "gate passed" if passed == declared else "gate"
    st.title(title, anchor=False)
    st.html(
        f'<div class="sheet-head"><p>{html.escape(instructed(unmarked(sentence)))}</p><p>'
        f"{html.escape(_about(page, by_period=by_period))}<br>"
        f"as of {html.escape(formats.instant(shown.as_of, shown.zone))} · {gate}, {formats.out_of(passed, declared)}</p></div>"
    )


def unmarked(text: str) -> str:
    """Markdown of markdown.plain as the characters that it shows."""
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!|~$<>:&])", r"\1", text)


def instructed(note: str) -> str:
    """A section's note without what a reader of the screen may do."""
    return _INSTRUCTION.sub("", note)


def words(label: str, text: str) -> None:
    """A control as what it is set to."""
    st.caption(f"{markdown.plain(label)}: {markdown.plain(text)}", width="content")


def table(titles: Sequence[str], rows: Sequence[Sequence[Cell]], kinds: Sequence[str], *, alt: str, number: int) -> None:
    """A table with all columns that fit, and below it how many of how many rows are shown.

    Args:
        titles: of the columns.
        rows: the cells of each row: text, or a status.
        kinds: of each column: `number` stands at the right, `whole` is never broken; both, or neither.
        alt: what it is, for a screen reader.
        number: how many rows there are in all.
    """
    shown, fits = _fitting(titles, rows, kinds)
    head = "".join(f'<th scope="col" class="{kinds[at].removesuffix(" whole")}">{html.escape(titles[at])}</th>' for at in shown)
    body = "".join("<tr>" + "".join(_drawn(row[at], kinds[at]) for at in shown) + "</tr>" for row in rows)
    note = (
        f"All {formats.count(number)} are shown" if number <= len(rows) else f"{len(rows)} of {formats.count(number)} are shown"
    )
    crowded = "" if fits else " crowded"
    left = [title for at, title in enumerate(titles) if at not in shown]
    more = f"; left out for want of room: {', '.join(left)}" if left else ""
    st.html(
        f'<table class="sheet-table{crowded}" aria-label="{html.escape(alt)}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f'<p class="sheet-note">{html.escape(note + more)}</p>'
    )


def _fitting(titles: Sequence[str], rows: Sequence[Sequence[Cell]], kinds: Sequence[str]) -> tuple[list[int], bool]:
    """The columns that are kept, and whether they fit: where they do not, provenance gives way first."""

    def least(at: int) -> float:
        """Pixels that a column needs: its longest word, or all of what is never broken."""
        texts = [cell.text if isinstance(cell, Status) else cell for cell in (row[at] for row in rows)]
        words = [
            *titles[at].split(" "),
            *(texts if "whole" in kinds[at] else [word for text in texts for word in text.split(" ")]),
        ]
        return min(max(map(len, words)), _WORD) * _LETTER + _PADDING

    needed = {at: least(at) for at in range(len(titles))}
    for title in _PROVENANCE:
        if sum(needed.values()) > WIDTH:
            needed = {at: pixels for at, pixels in needed.items() if titles[at] != title or at < _NAMING}
    return list(needed), sum(needed.values()) <= WIDTH


def _drawn(cell: Cell, kind: str) -> str:
    if isinstance(cell, Status):
        glyph = f'<span style="color:{_INKS[cell.colour]}">{cell.glyph}</span>'
        return f'<td class="{kind}">{glyph}{formats.FIXED}{html.escape(cell.brief or cell.text)}</td>'
    is_long = max(map(len, cell.split(" "))) > _WORD
    return f'<td class="{kind}{" long" if is_long else ""}">{html.escape(cell)}</td>'


def embedded(specification: Mapping[str, Any]) -> dict[str, Any]:
    """A chart that is drawn as SVG, so that paper has its lines and letters and no pixels; its names are a size smaller."""
    config = dict(specification["config"])
    small = {name: config[name] | {"labelFontSize": 10.5, "titleFontSize": 10.5} for name in ("axis", "legend")}
    return {**specification, "config": config | small, "usermeta": {"embedOptions": {"renderer": "svg"}}}
