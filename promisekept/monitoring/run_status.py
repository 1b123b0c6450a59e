"""How the last run of a home went.

Here: `last_run.json` below home, written when a run begins and again when it ends, under the writer lock. A run in state
`running` whose lock nobody holds was killed. Not here: what a run did (the ledger records that), or notifying anybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from promisekept.durable import json_bytes, replace_durably
from promisekept.errors import LockHeld
from promisekept.publishing.lock import writer_lock

FILE = "last_run.json"
Outcome = Literal["running", "published", "refused", "failed", "killed"]
OUTCOMES: tuple[Outcome, ...] = ("running", "published", "refused", "failed", "killed")


@dataclass(frozen=True, slots=True)
class LastRun:
    """One run.

    Attributes:
        run_id: Dagster's name for it.
        kind: `daily`, `new_files`, `period_close` or `run` (at a terminal).
        began: the clock of the run.
        outcome: how it ended; `running` until then.
        ended: when; None while it runs and where it was killed.
        stage: the one that failed, or the last that was begun.
        error: the kind of error that ended it; never its message, which may name things.
        seconds: how long each stage took, summed over its attempts.
        last_success: when a run last ended with a snapshot that is current.
    """

    run_id: str
    kind: str
    began: datetime
    outcome: Outcome = "running"
    ended: datetime | None = None
    stage: str = ""
    error: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    last_success: datetime | None = None


class Journal:
    """The run that is under way; its caller holds the writer lock from the first call to the last."""

    def __init__(self, home: Path, run: LastRun) -> None:
        self.home = home
        for torn in home.glob(f".{FILE}-*"):
            torn.unlink(missing_ok=True)
        self._before = read_last_run(home)
        self._run = replace(run, last_success=self._before.last_success if self._before else None)
        self._seconds: dict[str, float] = {}
        self._since = monotonic()
        _write(home, self._run)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; one that fails is remembered until it is tried again."""
        began = monotonic()
        self._run = replace(self._run, stage=name, error="")
        try:
            yield
        except BaseException as error:
            self._run = replace(self._run, error=type(error).__name__)
            raise
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + monotonic() - began

    def end(self, outcome: Outcome | None) -> LastRun | None:
        """Write down how it ended; None = it was never meant to publish, and leaves the earlier state.

        A stage that failed and was not tried again with success makes it a failed one, whatever was published before.

        Returns:
            The run as it is remembered.
        """
        if outcome is None:
            _write(self.home, self._before)
            return self._before
        if self._run.error:
            outcome = "failed"
        ended = self._run.began + timedelta(seconds=monotonic() - self._since)
        seconds = {name: round(value, 3) for name, value in self._seconds.items()}
        run = replace(self._run, outcome=outcome, ended=ended, seconds=seconds)
        if outcome == "published":
            run = replace(run, last_success=ended)
        _write(self.home, run)
        return run


def read_last_run(home: Path) -> LastRun | None:
    """The last run of a home; None where there was none, or where the file is not readable as one."""
    try:
        stated: dict[str, Any] = json.loads((home / FILE).read_bytes())
        for name in ("began", "ended", "last_success"):
            stated[name] = datetime.fromisoformat(stated[name]) if stated[name] else None
        return LastRun(**stated)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note_killed(home: Path) -> LastRun | None:
    """Record of a run that it was killed, if it was; the caller holds the writer lock.

    Returns:
        That run, or None where the last one ended by itself.
    """
    run = read_last_run(home)
    if run is None or run.outcome != "running":
        return None
    run = replace(run, outcome="killed")
    _write(home, run)
    return run


def look_after(home: Path) -> LastRun | None:
    """The last run of a home, by somebody who is no run: one that was killed is recognised by the lock that nobody holds."""
    if (home / FILE).is_file():
        with suppress(LockHeld), writer_lock(home, 0, "a look at the last run"):
            note_killed(home)
    return read_last_run(home)


def _write(home: Path, run: LastRun | None) -> None:
    if run is None:
        (home / FILE).unlink(missing_ok=True)
        return
    body = asdict(run) | {name: _text(getattr(run, name)) for name in ("began", "ended", "last_success")}
    replace_durably(home / FILE, json_bytes(body))


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
