"""The state of alerting, `alerts.json` below home: the last state of each condition, and the alerts that wait for a channel.

Here: the file, and the lock under which it is read and written. Not here: what changed (alerts.py). The file is swapped whole;
one that can't be read is begun again, which sends again what is bad just then: too often rather than never.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from promisekept.durable import json_bytes, replace_durably
from promisekept.errors import PromisekeptError

FILE = "alerts.json"
_LOCK = ".alerts"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Alert:
    """One change of state, as it is sent.

    Attributes:
        id: the same whenever it is sent, so that a receiver recognises a repetition.
        kind: see conditions.KINDS.
        subject: what it is about.
        state: as it is now.
        was: as it was; empty where it is seen for the first time.
        at: when the change was seen, in UTC.
        is_bad: false where something bad is over.
        says: a sentence.
    """

    id: str
    kind: str
    subject: str
    state: str
    was: str
    at: str
    is_bad: bool
    says: str


@dataclass(slots=True)
class ChannelQueue:
    """The alerts that wait for one channel; `dropped` were too old to wait any longer. `error` is a kind, never a message."""

    pending: list[Alert] = field(default_factory=list)
    dropped: int = 0
    failing_since: str | None = None
    error: str = ""


@dataclass(slots=True)
class Memory:
    """States by key, with whether each is bad, and a queue per channel. `since` is the first evaluation."""

    since: datetime
    states: dict[str, tuple[str, bool]] = field(default_factory=dict)
    queues: dict[str, ChannelQueue] = field(default_factory=dict)


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """One process at a time evaluates and sends; the kernel frees the lock of one that died."""
    home.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for torn in home.glob(f".{FILE}-*"):
            torn.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def recall(home: Path, at: datetime) -> Memory:
    """The remembered state; of a home without any, an empty one that begins `at`.

    Raises:
        PromisekeptError: a newer version wrote it.
    """
    try:
        stated: dict[str, Any] = json.loads((home / FILE).read_bytes())
        if stated["version"] > _VERSION:
            raise PromisekeptError(
                f"{home / FILE}: of format {stated['version']}, and this version reads formats up to {_VERSION}.\n"
                "  A newer version wrote it. Go on with that one, or delete the file: each alert is sent once more."
            )
        states = {key: (str(state), bool(is_bad)) for key, (state, is_bad) in stated["states"].items()}
        queues = {
            name: ChannelQueue(**queue | {"pending": [Alert(**alert) for alert in queue["pending"]]})
            for name, queue in stated["channels"].items()
        }
        return Memory(datetime.fromisoformat(stated["since"]), states, queues)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Memory(at)


def remember(home: Path, memory: Memory) -> None:
    """Swap the file."""
    body = {
        "version": _VERSION,
        "since": memory.since.isoformat(),
        "states": memory.states,
        "channels": {name: asdict(queue) for name, queue in memory.queues.items()},
    }
    replace_durably(home / FILE, json_bytes(body))
