"""Versions of a register as dated rows: what a new version adds, changes and ends.

Here: merging one version after another into the rows that a pack has, and the differences. A row is never rewritten: it ends on
the day of the version that no longer has it, and a new one begins there, so that a past day is assessed by the rows of that day.
Not here: reading a vendor list, a table or a record of processing (vendor_list.py, register_tables.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from promisekept.durable import replace_durably
from promisekept.errors import PackError
from promisekept.policy.registers import REGISTERS

Row = Mapping[str, str]
_VALIDITY = ("valid_from", "valid_to")


@dataclass(frozen=True)
class Version:
    """One version of some registers.

    Attributes:
        name: for people, such as `vendor list 15`.
        valid_from: the day on which it takes effect.
        rows: by register its rows, without their days.
        prefix: by register how the codes begin that it speaks of; of other codes it ends nothing. Absent: it ends nothing at all.
        ends: the day on which a code ends by the version itself.
        defaults: by register cells of a row that is new; of one that is there they are what a person made of them.
    """

    name: str
    valid_from: date
    rows: Mapping[str, Sequence[Row]]
    prefix: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[tuple[str, str], date] = field(default_factory=dict)
    defaults: Mapping[str, Row] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """What a version changed: a code of a register that was added, changed (with each column before and after) or ended."""

    version: str
    on: date
    register: str
    code: str
    kind: str
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def merge(
    rows: Mapping[str, Sequence[Row]], versions: Iterable[Version]
) -> tuple[dict[str, list[dict[str, str]]], list[Difference]]:
    """The rows after some versions, in the order of their days, and what each changed.

    Args:
        rows: by register what the pack has.
        versions: in any order.

    Raises:
        PackError: a version is older than a row that it would change.
    """
    merged = {register: [dict(row) for row in several] for register, several in rows.items()}
    differences: list[Difference] = []
    for version in sorted(versions, key=lambda one: one.valid_from):
        for register, several in version.rows.items():
            differences += _merge(merged.setdefault(register, []), register, several, version)
    return merged, differences


def _merge(rows: list[dict[str, str]], register: str, several: Sequence[Row], version: Version) -> list[Difference]:
    key = REGISTERS[register].key[0]
    on = version.valid_from.isoformat()
    current = {row[key]: row for row in rows if not row.get("valid_to")}
    found: list[Difference] = []
    for row in several:
        code = row[key]
        before = current.get(code)
        columns = {} if before is None else _changed(before, row)
        if before is not None and not columns:
            continue
        if before is not None:
            _end(before, on, register, code, version)
        rows.append({**(before or version.defaults.get(register, {})), **row, "valid_from": on, "valid_to": ""})
        found.append(Difference(version.name, version.valid_from, register, code, "changed" if before else "added", columns))
    prefix = version.prefix.get(register)
    listed: Collection[str] = {row[key] for row in several}
    for code, row in current.items():
        ends = version.ends.get((register, code), version.valid_from)
        if prefix is not None and code.startswith(prefix) and code not in listed:
            _end(row, ends.isoformat(), register, code, version)
            found.append(Difference(version.name, ends, register, code, "ended"))
    return found


def _changed(before: Row, after: Row) -> dict[str, tuple[str, str]]:
    names = [name for name in after if name not in _VALIDITY]
    return {name: (before.get(name, ""), after[name]) for name in names if before.get(name, "") != after[name]}


def _end(row: dict[str, str], on: str, register: str, code: str, version: Version) -> None:
    if row.get("valid_from", "") > on:
        raise PackError(
            f"{register}.csv: {code} begins on {row['valid_from']}, and {version.name} is of {on}, before it.\n"
            "  Import versions from the oldest to the newest, or remove the newer rows first."
        )
    row["valid_to"] = on


def read_rows(pack: Path, register: str) -> list[dict[str, str]]:
    """The rows of a register of a pack as text; none where it has no such file."""
    file = pack / f"{register}.csv"
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [{name.strip(): (cell or "").strip() for name, cell in row.items() if name} for row in csv.DictReader(lines)]


def write_rows(pack: Path, register: str, rows: Sequence[Row]) -> Path:
    """Write a register with the columns that any row has, in the order of its definition; rows by code and day."""
    definition = REGISTERS[register]
    names = [column.name for column in definition.columns if any(row.get(column.name) for row in rows) or column.required]
    names += [name for name in _VALIDITY if name not in names]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    # A row that ended on the day on which it began was never in force.
    lasting = [row for row in rows if not row.get("valid_to") or row.get("valid_from", "") < row["valid_to"]]
    key = definition.key[0]
    writer.writerows(sorted(lasting, key=lambda row: (row[key], row.get("valid_from", ""))))
    file = pack / definition.file
    replace_durably(file, text.getvalue().encode())
    return file
