"""The report and the board's page as PDF, set by typst: the whole text stack is in its package, whatever the host has.

Here: handing a model over as data, never as markup, and the compiler's settings. Not here: what a document contains, or how it
looks (templates/report.typ, templates/board.typ). Characters that the committed fonts lack (font_fallback.py) are written as
their code points, so that a name in such a script still differs from every other; the HTML shows them.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import typst

from promisekept.errors import EvidenceError
from promisekept.evidence.report.board import REASON, Board, build_board
from promisekept.evidence.report.font_fallback import EAST_ASIAN, FONTS, RIGHT_TO_LEFT, faces_for, settable
from promisekept.evidence.report.model import Report
from promisekept.evidence.report.queries import instant_of
from promisekept.evidence.scope import ScopePeriod
from promisekept.publishing.reader import SnapshotReader

HERE = Path(__file__).parent
_COARSE = 10
"""Dots per inch at which pages are only counted."""


def to_pdf(report: Report | Board) -> bytes:
    """The whole document; its date is the snapshot's as_of."""
    return _compiled(report, "pdf", None)[0]


def to_pictures(report: Report | Board, dots_per_inch: float = 70) -> list[bytes]:
    """Its pages as PNG, for people to look at before a template ships."""
    return _compiled(report, "png", dots_per_inch)


def board_pdf(reader: SnapshotReader, period: ScopePeriod) -> bytes:
    """The board's page, always one: where it would be more, reasons and names are shortened, never figures.

    Raises:
        EvidenceError: the snapshot has no verdicts for the period, or no shortening makes it one page.
    """
    boards = (build_board(reader, period, room) for room in (REASON, REASON * 2 // 3, REASON // 3, 0))
    fitting = next((board for board in boards if len(to_pictures(board, _COARSE)) == 1), None)
    if fitting is None:
        raise EvidenceError(
            f"{reader.id}: what the board is to read does not fit on one page.\n"
            "  Shorten the names of promises and owners in the policy pack's clauses.csv."
        )
    return to_pdf(fitting)


def _compiled(report: Report | Board, form: Literal["pdf", "png"], dots_per_inch: float | None) -> list[bytes]:
    data = _settable(asdict(report))
    template = "board.typ" if isinstance(report, Board) else "report.typ"
    pages: bytes | list[bytes] = typst.compile(
        str(HERE / "templates" / template),
        root=str(HERE / "templates"),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format=form,
        ppi=dots_per_inch,
        sys_inputs={"report": _json(data), "faces": _json(_faces(data))},
        pdf_standards=["ua-1"] if form == "pdf" else [],
        timestamp=int(instant_of(report.as_of).timestamp()),
    )
    return [pages] if isinstance(pages, bytes) else pages


def _settable(data: Any) -> Any:
    """The same data with only characters that can be set; drawings are left alone, as typst draws what it has of them."""
    if isinstance(data, str):
        return data if data.startswith("<svg ") else settable(data)
    if isinstance(data, dict):
        return {key: _settable(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_settable(value) for value in data]
    return data


def _faces(data: Any) -> dict[str, Any]:
    """The template's settings for other scripts: families to ask in turn, and the patterns of text to be set apart."""
    faces = faces_for(data)
    return {
        "families": [face.family for face in faces.chain],
        "stretches": faces.east_asian,
        "east_asian": EAST_ASIAN if faces.east_asian else None,
        "right_to_left": RIGHT_TO_LEFT if faces.turns else None,
    }


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)
