"""Who wants the digest, how often and through which channel: `subscriptions.json` below home.

Here: the file, and the lock under which it is read and written. Not here: the content of a digest (digest.py) or sending it
(digests.py). The file is swapped whole; it also holds which period each person got last, so that nobody gets one twice.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from promisekept.durable import json_bytes, replace_durably
from promisekept.errors import PromisekeptError
from promisekept.system_errors import GRANT

FILE = "subscriptions.json"
_LOCK = ".subscriptions"
_VERSION = 1
Every = Literal["weekly", "monthly"]
EVERY: tuple[Every, ...] = ("weekly", "monthly")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One person's digest.

    Attributes:
        person: by the name under which they sign in.
        every: how often.
        channel: the name of a channel of `alerts`.
        address: their own e-mail address, as the identity provider states it; empty for the recipients of the channel.
        sent: the code of the last period that was sent; at first that which was over when they subscribed.
    """

    person: str
    every: Every
    channel: str
    address: str = ""
    sent: str = ""


def read(home: Path) -> list[Subscription]:
    """Every subscription, by person.

    Raises:
        PromisekeptError: the file is not what it was.
    """
    path = home / FILE
    try:
        stated = json.loads(path.read_bytes())
        if stated["version"] != _VERSION:
            raise ValueError(stated["version"])
        return [Subscription(**one) for one in stated["subscriptions"]]
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise PromisekeptError(f"{path}: this account may not read it.\n  {GRANT}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PromisekeptError(f"{path}: it can't be read.\n  Remove it; whoever wants the digest subscribes again.") from error


@contextmanager
def changing(home: Path) -> Iterator[list[Subscription]]:
    """The subscriptions, alone; what the list holds at the end is written."""
    descriptor = os.open(home / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        found = read(home)
        yield found
        write(home, found)
    finally:
        os.close(descriptor)


def write(home: Path, found: Sequence[Subscription]) -> None:
    """Swap the file; only within `changing`."""
    listed = [asdict(one) for one in sorted(found, key=lambda one: one.person)]
    replace_durably(home / FILE, json_bytes({"version": _VERSION, "subscriptions": listed}))


def subscribe(home: Path, wanted: Subscription) -> None:
    """Enter a person's subscription, in place of the one they had."""
    with changing(home) as found:
        found[:] = [*(one for one in found if one.person != wanted.person), wanted]


def unsubscribe(home: Path, person: str) -> None:
    """Remove a person's subscription, if there is one."""
    with changing(home) as found:
        found[:] = [one for one in found if one.person != person]
