"""A sheet of an .xlsx or .ods file as a header and rows of text, as a CSV with the same rows would give them.

Here: which sheet, which of its rows is the header, and what is wrong with a workbook in words. Not here: reading its bytes, which
a process of its own does (workbook_process.py), or what a column means.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promisekept.config.readers import Files
from promisekept.sources.extract.files import RejectedFileError, SourceFile, line_too_long
from promisekept.sources.personal_data import names_a_person

_PROCESS = Path(__file__).with_name("workbook_process.py")
_MOST_SHEETS = 20
_AS_CSV = "Deliver the sheet as a CSV."
_PROBLEMS = {
    "unreadable": ("unreadable_workbook", "It is cut, damaged, or no .xlsx or .ods file. Save it again, and deliver that."),
    "old_format": ("unreadable_workbook", "It is a workbook of an older format (.xls). Save it as .xlsx, and deliver that."),
    "encrypted": ("encrypted_workbook", "It is protected by a password. Save it without one, and deliver that."),
    "too_large": ("workbook_too_large", f"Its cells take more memory than a workbook may. {_AS_CSV}"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was found: its name (None: no sheet has a cell), the row of its header from 1, the header and the rows below it.

    A row has its number in the sheet and as many texts as the header; an empty one is left out.
    """

    name: str | None
    header_row: int
    header: Sequence[str]
    rows: Iterator[tuple[int, list[str]]]


def sheet_names(file: SourceFile, reader: Files) -> list[str]:
    """The sheets of a workbook.

    Raises:
        RejectedFileError: it can't be read.
    """
    with _process(file, reader, names=True) as lines:
        return list(next(lines)["sheets"])


@contextmanager
def open_sheet(file: SourceFile, reader: Files) -> Iterator[Sheet]:
    """Read a sheet of a workbook while it is needed.

    Args:
        file: an .xlsx or .ods file.
        reader: its `sheet`, `header_row` and limits.

    Raises:
        RejectedFileError: it can't be read, or which sheet is meant is open; also while its rows are read.
    """
    with _process(file, reader) as lines:
        first = next(lines)
        yield Sheet(first["sheet"], first["header_row"], first["header"], ((number, row) for number, row in lines))


@contextmanager
def _process(file: SourceFile, reader: Files, *, names: bool = False) -> Iterator[Iterator[Any]]:
    options = {
        "names": names,
        "sheet": reader.sheet,
        "header_row": reader.header_row,
        "ratio": reader.gzip_ratio,
        "longest": reader.longest_line,
    }
    command = [sys.executable, "-P", str(_PROCESS), json.dumps(options)]
    with (
        file.open() as content,
        subprocess.Popen(command, stdin=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
    ):
        try:
            yield _lines(process, reader)
        finally:
            process.kill()


def _lines(process: subprocess.Popen[bytes], reader: Files) -> Iterator[Any]:
    for line in process.stdout or ():
        found = json.loads(line) if line.endswith(b"\n") else None
        if found is None:
            break
        if isinstance(found, dict) and "problem" in found:
            raise _rejected(found["problem"], found["sheets"], reader)
        yield found
    else:  # it was ended before its last line: by its limits, or by a file on which its reader fails
        raise _rejected("too_large" if process.wait() < 0 else "unreadable", (), reader)


def _rejected(problem: str, sheets: Sequence[str], reader: Files) -> RejectedFileError:
    match problem:
        case "line_too_long":
            return line_too_long(reader.longest_line)
        case "too_dense":
            message = (
                f"It unpacks to more than {reader.gzip_ratio:,} times its size: so dense is no log, but a file made to fill a "
                f"disk. {_AS_CSV} Or raise `reader.gzip_ratio`."
            )
            return RejectedFileError("workbook_too_dense", message)
        case "no_header":
            message = f"Row {reader.header_row} of the sheet, which `reader.header_row` names, is empty or not there."
            return RejectedFileError("unreadable_header", message)
        case "several_sheets":
            message = f"It has several sheets with cells: {_listed(sheets)}. Set `reader.sheet` to the one that is meant."
            return RejectedFileError("several_sheets", message)
        case "no_such_sheet":
            message = f"It has no sheet `{reader.sheet}`, which `reader.sheet` names. Its sheets: {_listed(sheets)}."
            return RejectedFileError("no_such_sheet", message)
    return RejectedFileError(*_PROBLEMS[problem])


def _listed(sheets: Sequence[str]) -> str:
    shown = [f"({len(name)} characters)" if names_a_person(name) else f"`{name}`" for name in sheets[:_MOST_SHEETS]]
    return ", ".join(shown) + (f" and {len(sheets) - _MOST_SHEETS:,} more" if len(sheets) > _MOST_SHEETS else "")
