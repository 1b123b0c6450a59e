"""Which ledger lines this version can follow, so that it never writes on where a newer one wrote.

Here: the kinds of line that it reads, and the versions whose snapshots it understands. Not here: reading the ledger
(ledger.py), or what a line means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import promisekept

KINDS = frozenset(
    {
        *("batch", "held_back", "control_total", "compaction", "landing_retired", "quarantine_cleared", "pack"),
        *("source_read", "snapshot", "rollback", "retired", "restored", "history_lost", "export", "key_rotated", "key_forgotten"),
    }
)
REMEDY = "A newer version wrote here. Go on with that one, or put back the copy of home from before it was installed."


def beyond(kind: str, body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Why this version can't follow a line: the field and a sentence; None where it can.

    Within one minor version the ledger stays readable, and an older one is read as it is.
    """
    own = promisekept.__version__
    if kind not in KINDS:
        return "kind", f"`{kind}`, which version {own} does not read."
    stated = str(body.get("code_version") or "")
    return ("code_version", f"{stated}, and this is version {own}.") if _minor(stated) > _minor(own) else None


def _minor(version: str) -> tuple[int, int]:
    """Major and minor; below all others where a text is no version."""
    found = re.match(r"(\d+)\.(\d+)\.", version)
    return (int(found[1]), int(found[2])) if found else (-1, -1)
