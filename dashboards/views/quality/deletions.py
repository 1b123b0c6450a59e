"""What was deleted under our own retention: one section of Data quality.

Here: its table and its words. Not here: how long an organisation may keep what it holds on people (retention/page.py).
"""

from __future__ import annotations

from pathlib import Path

from dashboards import markdown
from dashboards.components import export, tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.page import Page
from promisekept.errors import PublishingError
from promisekept.presentation import formats
from promisekept.retention.purge_log import Purge, purges

_COUNTED = {True: "count them still", False: "without them", None: formats.NULL}
_WHAT = {
    "landed_rows": "Landed rows",
    "refused_rows": "Contents of rejected rows",
    "snapshots": "Files of snapshots",
    "lost_snapshots": "Lost snapshots, given up",
}


@guarded
def purged_rows(page: Page) -> None:
    """Each deletion that the ledger records, including those after this snapshot was published."""
    try:
        deletions = purges(Path(page.ref.home), page.ref.id)
    except PublishingError as error:
        with section("Deleted under our own retention", "As the ledger records it"):
            nothing("The ledger can't be read", str(error).partition("\n")[0])
        return
    with section(
        "Deleted under our own retention",
        "What `retention` deleted, as the ledger records it; newest first, including deletions since this snapshot",
        lambda: export.button("deleted under our own retention", deletions, _COLUMNS) if deletions else None,
    ):
        if not deletions:
            nothing("Nothing was deleted", "0 lines of the ledger record a deletion; all that landed is retained.")
            return
        tables.small(_COLUMNS, deletions, page.snapshot.zone)


def _by_log(deletion: Purge) -> str:
    of_logs = ", ".join(f"{formats.count(number)} {markdown.plain(log)}" for log, number in deletion.by_log)
    return f"{formats.count(deletion.number)} ({of_logs})" if of_logs else formats.count(deletion.number)


def _lines(deletion: Purge) -> str:
    first, last = deletion.lines
    return formats.count(first) if first == last else f"{formats.count(first)} to {formats.count(last)}"


_COLUMNS = (
    Column("When", lambda one: one.at),
    Column("What", lambda one: _WHAT[one.what]),
    Column("How many", lambda one: one.number, shown=_by_log),
    Column("By log", lambda one: "; ".join(f"{log}={number}" for log, number in one.by_log) or None, only="file"),
    Column("Landed before", lambda one: one.before),
    Column("Kept for", lambda one: one.period),
    Column("Figures are whole from", lambda one: one.kept_from),
    Column("These figures", lambda one: _COUNTED[one.is_counted], only="page"),
    Column("Ledger line", _lines),
)
