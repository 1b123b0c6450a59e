"""Where stack traces go: into `logs/promisekept.log` below home, and onto the terminal only with --verbose.

Here: the log file, bounded in size and readable by its owner alone, and what a person reads of an error. Not here: which error
has which exit code (app.py). What stands between quotes in a message of a library may be a value of a source: the file gets its
length instead.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from promisekept.config import loading as configuration
from promisekept.config.settings import Settings

FILE = Path("logs") / "promisekept.log"
BYTES, EARLIER = 1_000_000, 4
OURS = ("promisekept", "orchestration", "expectations", "dashboards")
_QUOTED = re.compile(r"'([^'\n]+)'")


@dataclass(slots=True)
class _State:
    home: Path | None = None
    verbose: bool = False


_state = _State()


def load_settings(config: Path) -> Settings:
    """As `promisekept.config.loading.load_settings`; from then on traces go below that home."""
    settings = configuration.load_settings(config)
    _state.home = settings.home
    return settings


def begin(*, verbose: bool) -> None:
    """Send what libraries and this program log to the file, once home is configured; people see it with `verbose` only."""
    _state.verbose = verbose
    handler = _ToFile()
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)


def keep(error: BaseException) -> Path | None:
    """Keep the trace of an error.

    Returns:
        The file, or None where no home is there to write below, or the disk can't be written.
    """
    if _state.verbose:
        traceback.print_exception(error)
    return _write(_clean("".join(traceback.format_exception(error))))


class _ToFile(logging.Handler):
    """Warnings and errors, with their traces."""

    def emit(self, record: logging.LogRecord) -> None:
        if _state.verbose:
            print(self.format(record), file=sys.stderr)
        elif record.name.partition(".")[0] in OURS:
            print(record.getMessage(), file=sys.stderr)
        _write(_clean(self.format(record)))


def _clean(text: str) -> str:
    return _QUOTED.sub(lambda found: f"'({len(found.group(1))} characters)'", text)


def _write(text: str) -> Path | None:
    if _state.home is None or not _state.home.is_dir():
        return None
    path = _state.home / FILE
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=BYTES, backupCount=EARLIER, encoding="utf-8", errors="backslashreplace"
        )  # a file's name in it need not be UTF-8
        handler.setFormatter(logging.Formatter("%(asctime)s process %(process)d\n%(message)s"))
        record = logging.makeLogRecord({"msg": text, "process": os.getpid()})
        if handler.shouldRollover(record):
            handler.doRollover()
        path.chmod(0o600)
        handler.stream.write(handler.format(record) + "\n")
        handler.close()
    except OSError:  # a full disk must not keep a person from reading why
        return None
    return path
