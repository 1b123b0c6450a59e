"""Faults of the program that a delivery brings to light: which errors are taken for one, and what the log keeps of it.

Not here: rejecting the file (batch.py), or going on without the source (land.py).
"""

from __future__ import annotations

import logging

UNFORESEEN = (ArithmeticError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError, ValueError)
"""What Python raises where code meets what it did not foresee; none of it is the machine's doing."""
_log = logging.getLogger(__name__)


def keep_trace(what: str, error: Exception) -> str:
    """Write where an error was raised into the log, without its message, which may quote a row.

    Args:
        what: what could not be landed or read.
        error: caught.

    Returns:
        Its kind, for a sentence.
    """
    kind = type(error).__name__
    withheld = Exception(f"{kind}, whose message is left out: it may quote a row")
    _log.warning("%s: a fault of the program (%s)", what, kind, exc_info=(Exception, withheld, error.__traceback__))
    return kind
