"""What went wrong on Spark, by what a person can do about it.

Here: a place that executors can't reach, a driver that has ended, and anything else in Spark's own words. Not here: SQL
that Spark does not read (dialect.py), or what is missing before a session starts (session.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import TimeoutExpired
from typing import Any

from orchestration.dbt_runner import TransformError
from promisekept.config.settings import Settings
from promisekept.system_errors import causes

_OUT_OF_REACH = re.compile(
    r"FAILED_READ_FILE\.FILE_NOT_EXIST|PATH_NOT_FOUND|FileNotFoundException|Mkdirs failed|AccessDeniedException"
    r"|AccessControlException|Permission denied|Stale file handle|Input/output error|Read-only file system"
)
_PLACE = re.compile(r"file:/*?(/[^/\s][^\s,;)]*?)\.?(?=[\s,;)]|$)")
_SHOWN = 12
_PATIENCE = 5.0
"""Seconds in which a process whose connection broke has ended."""


class RowsLostError(TransformError):
    """What executors wrote is not there for the driver; the message names the place."""


class DriverEndedError(TransformError):
    """Spark's driver has ended; a new one may do what it did not."""


@contextmanager
def in_our_words(what: str, session: Any, settings: Settings) -> Iterator[None]:
    """Name what failed on Spark, why, and what helps.

    Args:
        what: is being done.
        session: of Spark.
        settings: whose home executors have to reach.

    Raises:
        TransformError: it failed; DriverEndedError where another attempt may not.
    """
    try:
        yield
    except Exception as error:
        code = driver_ended(session, error)
        words = str(error) if code is None else _of_driver(code)
        if isinstance(error, RowsLostError) or (code is None and _OUT_OF_REACH.search(words)):
            words = _of_place(words, settings)
        lines = "\n  ".join(words.splitlines()[:_SHOWN])
        raise (TransformError if code is None else DriverEndedError)(
            f"dbt_project: {what} failed on Spark; the last good snapshot is still current.\n  {lines}"
        ) from error


def driver_ended(session: Any, error: BaseException) -> int | None:
    """The exit code of Spark's driver, where an error comes from a connection to one that has ended.

    PySpark reports some of these as another error of its own; the first one is its context.
    """
    from py4j.protocol import Py4JError, Py4JJavaError

    process = session.sparkContext._gateway.proc
    is_connection = any(
        isinstance(one, (Py4JError, ConnectionError)) and not isinstance(one, Py4JJavaError) for one in causes(error)
    )
    if process is None or not is_connection:
        return None
    try:
        return int(process.wait(_PATIENCE))
    except TimeoutExpired:
        return None


def _of_driver(code: int) -> str:
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return (
        f"Spark's driver, a process of Java on this machine, {how}.\n"
        "Signal 9 without anybody who sent it means that the machine ran out of memory: lower `spark.driver.memory` in\n"
        "engine.conf, or let other processes end first. Run again; nothing of this build is needed."
    )


def _of_place(words: str, settings: Settings) -> str:
    place = _PLACE.search(words)
    named = f"{place[1]}: a process of Spark's can't reach it.\n" if place else ""
    lines = words.splitlines()
    reason = next((line for line in lines if _OUT_OF_REACH.search(line)), lines[0])
    return (
        f"{named}Mount the file system that holds home ({settings.home}) at this path on this machine and on every worker,\n"
        "to be read and written by the user of Spark's processes; restore what is gone from a backup of home. Run again.\n"
        f"{reason.strip()}"
    )
