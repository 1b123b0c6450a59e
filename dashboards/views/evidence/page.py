"""Evidence: bundles that a third party can check, and the log of all exports.

Here: the page and the export log. Not here: the form (bundle_form.py), the bundles and what is done with one (bundles.py), making
or checking them (promisekept.evidence).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from dashboards import layout
from dashboards.components import export, tables
from dashboards.components.sections import guarded, nothing, pair, section
from dashboards.components.tables import Column
from dashboards.data import bundles as data
from dashboards.page import Page
from dashboards.views.evidence import bundle_form, bundles
from promisekept.presentation import formats, labels
from promisekept.publishing.export_log import Entry


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Evidence")
    layout.header(
        page,
        "Evidence",
        "Bundles that an auditor can check without this program, and the log of all exports",
        by_period=False,
    )
    _content(page)


@guarded
def _content(page: Page) -> None:
    entries = data.log(Path(page.ref.home))
    there = data.found(Path(page.ref.home), entries)
    pair(lambda: bundle_form.form(page), lambda: bundles.without_us(page, there))
    bundles.section_of(page, there)
    _log(page, entries)


@guarded
def _log(page: Page, entries: list[Entry]) -> None:
    zone, number = page.snapshot.zone, len(entries)
    begin, end = tables.rows_from_to("page", number)
    shown = [_row(entry) for entry in reversed(entries)][begin:end]

    def control() -> None:
        export.control("log", _COLUMNS, lambda: map(_row, data.log(Path(page.ref.home))), number=number, of=number)

    entries_in_words = formats.plural(number, "entry", "entries")
    with section(
        "Export log",
        f"Append-only, part of the ledger; {entries_in_words}, newest first",
        control,
    ):
        if not number:
            nothing("No exports yet", "0 files were exported. Every CSV, bundle and download will be listed here.", good=True)
            return
        tables.small(_COLUMNS, shown, zone)
        tables.pager("page", number, len(shown))


def _row(entry: Entry) -> dict[str, Any]:
    return asdict(entry.export) | {"seq": entry.seq, "at": entry.at}


_COLUMNS = (
    Column("Entry", "seq", only="file"),
    Column("When", "at"),
    Column("Who", "who"),
    Column("Role", "role"),
    Column("What", lambda row: labels.label(labels.EXPORTS, row["kind"])),
    Column("Content", "content"),
    Column("Snapshot", "snapshot", only="file"),
    Column("Period", "period", only="file"),
    Column(
        "Filters", lambda row: "; ".join(f"{name}={','.join(values)}" for name, values in row["filters"].items()), only="file"
    ),
    Column("Rows", "rows", shown=lambda row: formats.out_of(row["rows"], row["of"]) if row["of"] else formats.NULL),
    Column("Of", "of", only="file"),
    Column("SHA-256", "sha256", only="file"),
    Column("Fingerprint", "fingerprint", only="file"),
)


if __name__ == "__main__":
    main()
