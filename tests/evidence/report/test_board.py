"""The board's page is one page, counts what the marts hold, and is the same file from the command line as from the page."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from command import promisekept
from hostile import hostile
from printed import bare
from pypdf import PdfReader

from dashboards.snapshots import Ref
from dashboards.views.overview.board_page import document
from promisekept.errors import EvidenceError
from promisekept.evidence.report.board import REASON, Board, build_board
from promisekept.evidence.report.pdf import board_pdf
from promisekept.evidence.scope import read_period
from promisekept.presentation.statuses import NOT_ASSESSABLE
from promisekept.publishing.export_log import entries
from promisekept.publishing.reader import SnapshotReader

Q3 = read_period("2026-Q3")
VERDICTS = """
    select clause_id, arg_min(status, list_position(
        ['missed', 'insufficient_evidence', 'met_on_main_reading', 'met_within_tolerance', 'manual', 'not_yet_due',
         'not_applicable', 'met'], status)) as status
    from marts.fct_control_status where period_grain = 'quarter' and period_start = ? group by clause_id
"""


@pytest.fixture(scope="module")
def board(reader: SnapshotReader) -> Board:
    return build_board(reader, Q3)


def verdicts(reader: SnapshotReader, start: str) -> dict[str, str]:
    return dict(reader.cursor().execute(VERDICTS, [start]).fetchall())


def test_the_counts_are_those_of_the_marts_and_each_promise_counts_once(reader: SnapshotReader, board: Board):
    now, before = verdicts(reader, "2026-07-01"), verdicts(reader, "2026-04-01")
    kept = sum(status.startswith("met") for status in now.values())
    missed = [ref for ref, status in now.items() if status == "missed"]
    assert board.title == f"Privacy promises: {kept} of {len(now)} kept, {len(missed)} missed"
    assert [one.value for one in board.counts[:2]] == [str(kept), str(len(missed))]
    assert sum(int(one.value) for one in board.counts[:4]) + sum(
        status in ("not_yet_due", "not_applicable") for status in now.values()
    ) == len(now)
    assert {one.ref for one in board.worst} <= set(missed)
    assert [one.ref for one in board.worst].index("POL-2") < [one.ref for one in board.worst].index("SHA-5")
    changed = sum(now[ref] != before[ref] for ref in now)
    assert f"{changed} of {len(now)} verdicts" in board.changes_title
    assert sum(int(one.mark.word.split()[0]) for one in board.changes) == changed
    arrived = [ref for ref in now if before[ref] in NOT_ASSESSABLE and now[ref].startswith("met")]
    (other,) = [one.text for one in board.changes if one.mark.word.endswith("other")]
    assert arrived
    assert all(f"{ref} " in other for ref in arrived), "evidence that arrived made no promise kept that was missed"


def test_the_remediations_are_those_of_the_mart_each_out_of_all_groups(reader: SnapshotReader, board: Board):
    states = dict(reader.cursor().execute("select state, count(*) from marts.fct_remediations group by state").fetchall())
    number = sum(states.values()) - states["accepted"] - states["resolved"]
    assert (board.counts[4].value, board.counts[4].note.replace("\xa0", " ")) == (
        str(number),
        f"of {sum(states.values())} groups of findings; {states['overdue']} overdue; {states['accepted']} more accepted",
    )
    assert board.ages.rows[-1][-1] == str(number)
    assert f"{states['overdue']} of {number} open remediations are overdue" in board.lead.replace("\xa0", " ")


def test_it_is_one_tagged_page_with_every_figure(reader: SnapshotReader, board: Board):
    for period in ("2026-Q3", "2026-08", "2025"):
        assert len(PdfReader(BytesIO(board_pdf(reader, read_period(period)))).pages) == 1, period
    printed = PdfReader(BytesIO(board_pdf(reader, Q3)))
    words = bare(printed.pages[0].extract_text())
    shown = [cell for row in board.ages.rows for cell in row] + [text for one in board.worst for text in (one.figure, one.of)]
    assert [text for text in shown if bare(text) not in words] == []
    root = printed.trailer["/Root"]
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "en")
    assert printed.metadata is not None
    assert (printed.metadata.title, printed.metadata.author) == (board.title, "Larkfield Communications")
    assert "page 1 of 1" in printed.pages[0].extract_text()


def test_where_names_are_long_the_reasons_give_way_and_no_figure_does(reader: SnapshotReader, board: Board, tmp_path: Path):
    names = ("Responsibility of everybody who answers for anything at all " * 3, "株式会社 " * 12, "Ltd")
    long = hostile(reader, tmp_path, names)
    crowded = PdfReader(BytesIO(board_pdf(long, Q3)))
    assert len(crowded.pages) == 1
    words = bare(crowded.pages[0].extract_text())
    assert [one.figure for one in board.worst if bare(one.figure) not in words] == []
    assert all(one.reason == "" for one in build_board(reader, Q3, 0).worst)
    assert any(len(one.reason) > REASON // 3 for one in board.worst)


def test_the_command_writes_the_page_s_bytes_and_the_export_log_names_them(
    reader: SnapshotReader, larkfield: Any, tmp_path: Path
):
    out = tmp_path / "board.pdf"
    written = promisekept("report", "--config", larkfield.folder, "--out", out, "--format", "json")
    assert written.code == 0, written.err
    assert out.read_bytes() == board_pdf(reader, Q3)
    assert out.read_bytes() == document(Ref(str(larkfield.settings.home), reader.id), "2026-Q3")  # what the overview gives
    assert written.json["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    last = entries(larkfield.settings.home)[-1].export
    assert (last.kind, last.content, last.period, last.sha256) == ("document", "Board page", "2026-Q3", written.json["sha256"])
    refused = promisekept("report", "--config", larkfield.folder, "--out", tmp_path / "none" / "x.pdf")
    assert (refused.code, "Name a file in a folder" in refused.err) == (2, True)
    with pytest.raises(EvidenceError, match="no verdicts for 2031"):
        board_pdf(reader, read_period("2031"))
