"""Paths as text. A system's paths are bytes; a ledger, a table of the warehouse and a page hold UTF-8."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path


def printable(path: str | Path) -> str:
    r"""A path as it can be stored and shown: a byte that is no UTF-8 as `\xe9`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def pattern_of(path: Path) -> str:
    """The pattern of one path, for `glob`: a byte that is no UTF-8 is any character there."""
    return re.sub("[\udc80-\udcff]", "?", glob.escape(str(path)))
