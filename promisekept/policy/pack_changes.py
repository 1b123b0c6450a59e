"""What changed between two versions of a pack, and which of it reaches into the past.

Here: comparing a pack with one kept earlier, row by row. Not here: keeping packs (the caller stores `document(pack)`
under its hash and a line in the ledger), or what a change of rules does to figures. A row changed, added or removed
whose days have begun is *retroactive*: it may change figures of the past, and nobody changes them unseen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from promisekept.policy.loading import Pack, document
from promisekept.policy.registers import DECIDE_NOTHING, NAMES, REGISTERS

Cells = Mapping[str, str]


@dataclass(frozen=True)
class RegisterChange:
    """One row of a register that is not what it was.

    Attributes:
        register: its register.
        key: the row's key, joined by `/`; with its first day where it has one.
        kind: what happened to it.
        valid_from: the first day that it concerns; null = always.
        columns: which columns differ; all of them for a row that was added or removed.
        line: in the new file; 0 for a removed row.
    """

    register: str
    key: str
    kind: Literal["added", "changed", "removed"]
    valid_from: date | None
    columns: tuple[str, ...]
    line: int

    def is_retroactive(self, first_landed: date) -> bool:
        """Whether it concerns days before it was known: before `first_landed`, the local date of the new pack's landing."""
        is_name = self.kind == "changed" and self.columns == NAMES.get(self.register)
        decides = self.register not in DECIDE_NOTHING and not is_name
        return decides and (self.valid_from is None or self.valid_from < first_landed)


def compare(earlier: bytes, pack: Pack) -> list[RegisterChange]:
    """Every row that differs from an earlier version.

    Args:
        earlier: what `document` gave for that version.
        pack: the present one.

    Returns:
        The changes in order of register and key. A change of validity alone counts from the earlier of both days.
    """
    lines = {name: {_key(name, _texts(row.values)): row.line for row in pack.rows(name)} for name in REGISTERS}
    return compare_documents(earlier, document(pack), lines)


def compare_documents(
    earlier: bytes, later: bytes, lines: Mapping[str, Mapping[str, int]] = MappingProxyType({})
) -> list[RegisterChange]:
    """Every row that differs between two kept versions; `lines` by register and key, where the files are at hand."""
    before, after = json.loads(earlier)["registers"], json.loads(later)["registers"]
    found: list[RegisterChange] = []
    for name in REGISTERS:
        old, new = _by_key(name, before.get(name, [])), _by_key(name, after.get(name, []))
        found += _changes(name, old, new, lines.get(name, {}))
    return found


def _changes(
    name: str, before: Mapping[str, Cells], after: Mapping[str, Cells], lines: Mapping[str, int]
) -> Iterator[RegisterChange]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        kind: Literal["added", "changed", "removed"] = "added" if old is None else "removed" if new is None else "changed"
        one, other = old or {}, new or {}
        columns = tuple(sorted(column for column in {*one, *other} if one.get(column) != other.get(column)))
        yield RegisterChange(name, key, kind, _first_day(one, other, columns), columns, lines.get(key, 0))


def _first_day(old: Cells, new: Cells, columns: tuple[str, ...]) -> date | None:
    if columns == ("valid_to",):
        ends = [cells["valid_to"] for cells in (old, new) if "valid_to" in cells]
        return date.fromisoformat(min(ends))
    starts = [cells.get("valid_from") for cells in (old, new) if cells]
    return None if None in starts else date.fromisoformat(min(start for start in starts if start is not None))


def _by_key(name: str, rows: list[list[list[str]]]) -> dict[str, Cells]:
    return {_key(name, dict(row)): dict(row) for row in ({cell[0]: cell[1] for cell in row} for row in rows)}


def _key(name: str, cells: Mapping[str, str]) -> str:
    """Rows of one key follow each other in time, so the first day belongs to it."""
    return "/".join([*(cells.get(column, "") for column in REGISTERS[name].key), cells.get("valid_from", "")]).rstrip("/")


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value not in (None, ())}
