"""The board's page as a download of the overview: the same bytes as those of `promisekept report`.

Here: the button and its period. Not here: what the page contains or how it is set (promisekept/evidence/report).
"""

from __future__ import annotations

from dashboards import snapshots
from dashboards.components import export
from dashboards.page import Page, default_period
from dashboards.snapshots import Ref
from promisekept.evidence.scope import read_period


def board_page(page: Page) -> None:
    """Draw the button; where the page shows everything to date, the PDF is of the quarter."""
    period = (page.period if page.period.start else default_period(page.today)).code
    export.document("Board page", "Board page", period, f"board-{period}.pdf", lambda: document(page.ref, period))


def document(ref: Ref, period: str) -> bytes:
    """The PDF of a snapshot and a period."""
    from promisekept.evidence.report.pdf import board_pdf  # noqa: PLC0415 - typst is needed by who clicks alone

    return board_pdf(snapshots.opened(ref), read_period(period))
