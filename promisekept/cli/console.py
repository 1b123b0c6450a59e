"""How results look: text for people on standard output, JSON for programs, progress on standard error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from promisekept.errors import ConfigError
from promisekept.presentation.formats import NULL, count


class Format(StrEnum):
    """For whom the result is."""

    text = "text"
    json = "json"


ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="promisekept.yml, or the folder that holds it.", show_default=True)
]
FormatOption = Annotated[Format, typer.Option("--format", help="text for people, json for programs.")]
HERE = Path("promisekept.yml")


def emit(form: Format, data: Any, text: str) -> None:
    """Write one result to standard output: `data` as JSON or `text` for a person."""
    print(as_json(data) if form is Format.json else text)


def as_json(data: Any) -> str:
    """The JSON of a result, in ASCII where standard output can't hold every character."""
    holds_all = (sys.stdout.encoding or "").lower() in ("utf-8", "utf8")
    return json.dumps(data, indent=2, default=_plain, ensure_ascii=not holds_all)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], right: frozenset[int] = frozenset()) -> str:
    """Columns aligned for a terminal; numbers right, the rest left.

    Args:
        head: titles.
        rows: cells; None is shown as a dash.
        right: positions of the columns to align right.
    """
    cells = [[str(title) for title in head]] + [[NULL if cell is None else _cell(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = (
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )
    return "\n".join(lines)


_STATEMENTS = frozenset({"models", "purge"})
"""Stages of which each line states what no later one repeats: rows that break a property, what was purged."""


def progress(form: Format, *, every: bool = False) -> Callable[[str, str], None]:
    """A listener that shows what a run is doing: one line rewritten on a terminal, one line per stage elsewhere.

    Args:
        form: for whom the result is.
        every: elsewhere one line per step, for programs that show it.
    """
    began = time.monotonic()
    live = sys.stderr.isatty() and form is Format.text
    last = {"stage": ""}

    def listen(stage: str, what: str) -> None:
        seconds = f"{time.monotonic() - began:5.1f} s"
        stays = stage in _STATEMENTS
        if live:
            begin = "\r" if not last["stage"] or (stage == last["stage"] and not stays) else "\n"
            sys.stderr.write(f"{begin}\x1b[2K{seconds}  {stage:<13}{what if stays else what[:90]}")
        elif every or stays or stage != last["stage"]:
            sys.stderr.write(f"{seconds}  {stage:<13}{what}\n")
        last["stage"] = stage
        sys.stderr.flush()

    return listen


def end_progress(form: Format) -> None:
    """Leave the rewritten line."""
    if sys.stderr.isatty() and form is Format.text:
        sys.stderr.write("\n")


def instant(text: str | None, zone: str, option: str) -> datetime | None:
    """Read an instant that a person typed.

    Args:
        text: ISO 8601; without an offset it is a time in `zone`; a date alone is the end of that day there.
        zone: IANA name.
        option: the option's name, for the message.

    Raises:
        ConfigError: it can't be read.
    """
    if text is None:
        return None
    try:
        if len(text) == len("2026-09-30"):
            midnight = datetime.combine(date.fromisoformat(text) + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
            return midnight - timedelta(microseconds=1)
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{option}: `{text}` is no instant.\n"
            f"  Use ISO 8601, e.g. 2026-09-30 (the end of that day in {zone}) or 2026-09-30T18:00:00-04:00."
        ) from None
    return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))


def clock() -> datetime:
    """The one clock of a command: read here, handed on as an argument."""
    return datetime.now(UTC)


def _cell(value: object) -> str:
    return count(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
