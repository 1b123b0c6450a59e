"""How a run ended, for whoever started it at a terminal, with Dagster or without."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from promisekept.publishing.reader import read_current


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Attributes:
        published: whether the candidate became current.
        refused: the failed checks, in words, where it did not.
        unchanged: the id of the current snapshot where nothing was new, so that nothing was built.
        unread: what kept sources from being read, in words; the others were landed.
    """

    published: bool
    refused: tuple[str, ...] = ()
    unchanged: str | None = None
    unread: tuple[str, ...] = ()


def failed_checks(home: Path) -> tuple[str, ...]:
    """Why the publish gate rejected the last candidate, in words; none where it did not."""
    refused = (read_current(home) or {}).get("refused") or {"checks": ()}
    return tuple(f"{check['suite']}: {check['type']} {check['column'] or ''}".rstrip() for check in refused["checks"])
