"""A sheet of a workbook as lines of JSON, in a process of its own with little memory: the file may have been made to fill it.

Here: a small .xlsx can name a cell in the last row and column of a sheet, of which a table of 17 billion cells would be made.
So this file runs alone (`python workbook_process.py OPTIONS < FILE`), imports nothing of promisekept, and is ended by the system
at a limit of memory or time. Not here: the words for what is wrong (workbooks.py), or what a column means.

The first line is an object: the header, or what keeps the sheet from being read. Each further line is a row of texts.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

_MEMORY = 2 * 2**30
_SECONDS = 600
_HARMLESS = 16 * 2**20
_PIECE = 1 << 20
_MOST_PARTS = 10_000
_MOST_SHEETS = 256
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


class _NotReadError(Exception):
    """What keeps the sheet from being read: a code, and the names of sheets where they help."""

    def __init__(self, reason: str, sheets: list[str] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.sheets = reason, sheets or []


def main(options: dict[str, Any], content: bytes) -> Iterator[Any]:
    """The lines of a sheet.

    Args:
        options: `sheet` and `header_row` or null, `ratio` (how many times its size it may unpack to) and `longest` (the most
            characters of a row).
        content: of the file.
    """
    _require_small(content, options["ratio"])
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError:
        raise _NotReadError("unreadable") from None
    if options.get("names"):
        yield {"sheets": workbook.sheet_names[:_MOST_SHEETS]}
        return
    sheet = _chosen(workbook, options["sheet"])
    if sheet is None:
        yield {"header": [], "header_row": 0, "sheet": None}
        return
    rows = enumerate(sheet.iter_rows(), start=1)
    wanted = options["header_row"]
    number, first = next(((n, row) for n, row in rows if (n == wanted if wanted else any(cell != "" for cell in row))), (0, []))
    if wanted and not any(cell != "" for cell in first):
        raise _NotReadError("no_header")
    header = _with_merged(sheet, number, [_text(cell) for cell in first])
    unnamed = [at for at, name in enumerate(header) if not name.strip()]
    if unnamed:
        filled: set[int] = set()
        for n, row in enumerate(sheet.iter_rows(), start=1):
            if n > number:
                filled.update(at for at in unnamed if row[at] != "")
        kept = [at for at in range(len(header)) if at not in unnamed or at in filled]
    else:
        kept = list(range(len(header)))
    yield {"header": [header[at] for at in kept], "header_row": number, "sheet": sheet.name}
    for number, row in rows:
        texts = [_text(row[at]) for at in kept]
        if not any(texts):
            continue
        if sum(map(len, texts)) > options["longest"]:
            raise _NotReadError("line_too_long")
        yield [number, texts]


def _require_small(content: bytes, ratio: int) -> None:
    """What it unpacks to, counted piece by piece before anything reads it whole."""
    if content.startswith(_OLE):
        raise _NotReadError("encrypted" if _ENCRYPTED in content else "old_format")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if len(parts.infolist()) > _MOST_PARTS:
                raise _NotReadError("too_dense")
            unpacked = 0
            for part in parts.infolist():
                if part.flag_bits & 1:
                    raise _NotReadError("encrypted")
                with parts.open(part) as stream:
                    while piece := stream.read(_PIECE):
                        unpacked += len(piece)
                        if unpacked > max(_HARMLESS, ratio * len(content)):
                            raise _NotReadError("too_dense")
            if "META-INF/manifest.xml" in parts.namelist() and b"encryption-data" in parts.read("META-INF/manifest.xml"):
                raise _NotReadError("encrypted")
    except (_NotReadError, MemoryError):
        raise
    except Exception:
        raise _NotReadError("unreadable") from None  # whatever zipfile and zlib raise at a damaged part


def _chosen(workbook: CalamineWorkbook, wanted: str | None) -> CalamineSheet | None:
    """The sheet that is named, else the only one that is shown and has a cell; None where none has."""
    shown = [
        one.name
        for one in workbook.sheets_metadata
        if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
    ]
    if wanted is not None:
        if wanted not in workbook.sheet_names:
            raise _NotReadError("no_such_sheet", workbook.sheet_names)
        return workbook.get_sheet_by_name(wanted)
    if len(shown) > _MOST_SHEETS:
        raise _NotReadError("several_sheets", shown)
    filled = [sheet for name in shown if (sheet := workbook.get_sheet_by_name(name)).start is not None]
    if len(filled) > 1:
        raise _NotReadError("several_sheets", [sheet.name for sheet in filled])
    return filled[0] if filled else None


def _with_merged(sheet: CalamineSheet, number: int, header: list[str]) -> list[str]:
    """The header, with the text of a cell that is merged over several rows down to this one."""
    if "" not in header:
        return header
    column = 0 if sheet.start is None else sheet.start[1]
    above = {
        first[1] - column: first[0]
        for first, last in sheet.merged_cell_ranges or ()
        if first[0] < number - 1 <= last[0] and first[1] == last[1]
    }
    if not above:
        return header
    rows = list(sheet.to_python(skip_empty_area=False, nrows=number))
    return [_text(rows[above[at]][at + column]) if not name and at in above else name for at, name in enumerate(header)]


def _text(cell: Any) -> str:
    """A cell as a CSV would have it, dates as ISO 8601; what a formula failed to compute is empty."""
    match cell:
        case bool():
            return str(cell).lower()
        case float() | int():
            return format(Decimal(f"{cell:.15g}"), "f")  # as a spreadsheet shows it: 0.1 + 0.2 is 0.3
        case datetime():
            return _clock(cell)
        case date() | time():
            return cell.isoformat()
    return "" if cell in _ERRORS else str(cell)


def _clock(at: datetime) -> str:
    """A time to the millisecond: it is kept as a binary fraction of a day. Midnight is the day."""
    rounded = at + timedelta(microseconds=500)
    rounded = rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)
    if rounded.time() == time():
        return rounded.date().isoformat()
    return rounded.isoformat(sep=" ", timespec="milliseconds" if rounded.microsecond else "seconds")


def _limit() -> None:
    """Where the system has such limits: no more memory, no endless work, no picture of the memory on disk."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not everywhere

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


if __name__ == "__main__":
    _limit()
    try:
        for line in main(json.loads(sys.argv[1]), sys.stdin.buffer.read()):
            sys.stdout.write(json.dumps(line) + "\n")
    except _NotReadError as error:
        sys.stdout.write(json.dumps({"problem": error.reason, "sheets": error.sheets[:_MOST_SHEETS]}) + "\n")
    except MemoryError:
        sys.stdout.write(json.dumps({"problem": "too_large", "sheets": []}) + "\n")
    sys.stdout.write("null\n")  # the end: whatever was ended by the system has none
