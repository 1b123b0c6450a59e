"""A pack's folder -> one frozen `Pack`.

Here: pack.yml and the register files, read, typed and hashed, with every unreadable place collected before anything is
rejected. Not here: whether the parts fit together (coverage.py) or how the warehouse sees them (relations.py).

Three registers are facts about the law and come with the product: `regimes`, `calendars`, `jurisdictions`. A file of
that name in the pack's folder **replaces the shipped one whole**; nothing is merged, so the rules of a request stand in
one file. To change one row, copy the shipped file (promisekept/policy/default_pack) into the pack and edit it there.
A file with only a header is an empty register; an absent file is no register, and what rests on it can't be assessed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from promisekept.errors import PackError
from promisekept.policy.manifest import FILE, PackSettings, read_manifest
from promisekept.policy.problems import PackProblem, raise_problems
from promisekept.policy.registers import REGISTERS, RegisterColumn, RegisterDefinition
from promisekept.policy.thresholds import read_thresholds
from promisekept.policy.values import READERS, Unreadable, Value

SHIPPED = Path(__file__).parent / "default_pack"


@dataclass(frozen=True)
class RegisterRow:
    """One row of a register, typed, with where it stands."""

    file: str
    line: int
    values: Mapping[str, Value]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True)
class Register:
    """One register of a pack.

    Attributes:
        definition: its columns and key.
        rows: in the order of the file.
        present: the pack, or the product, has a file for it (which may hold only a header).
        shipped: the file is the product's own.
    """

    definition: RegisterDefinition
    rows: tuple[RegisterRow, ...] = ()
    present: bool = False
    shipped: bool = False

    def codes(self, column: str) -> frozenset[str]:
        """The values that a column has anywhere, without the empty ones."""
        return frozenset(str(row[column]) for row in self.rows if row[column] is not None)


@dataclass(frozen=True)
class Pack:
    """A policy pack: what was promised and by which rules it is assessed.

    Attributes:
        folder: where it was read from.
        settings: pack.yml.
        registers: all of them by name, also the absent ones.
        library_version: version of `holidays`, which builds the calendars; part of the hash.
        sha256: over the content, whatever the order of rows, the spacing or the quoting.
    """

    folder: Path
    settings: PackSettings
    registers: Mapping[str, Register]
    library_version: str
    sha256: str = field(default="", compare=True)

    def rows(self, register: str) -> tuple[RegisterRow, ...]:
        """The rows of a register; none where it is empty or absent."""
        return self.registers[register].rows


def load_pack(folder: Path, organisation: object = None) -> Pack:
    """Read a policy pack.

    Args:
        folder: holds pack.yml and one CSV file per register.
        organisation: whose pack it is; its name stands in where pack.yml gives none.

    Returns:
        The pack, typed. `regimes`, `calendars` and `jurisdictions` are the shipped ones where the folder has no file.

    Raises:
        PackError: a file is absent that must be there, or a cell can't be read. Each problem has file, line, value and
            remedy; all are in one message.
    """
    if not folder.is_dir():
        raise PackError(f"{folder}: there is no such folder.\n  Name the policy pack's folder under `pack:`.")
    problems: list[PackProblem] = []
    settings = read_manifest(folder / FILE, str(getattr(organisation, "name", "") or folder.name), problems)
    registers = {name: _register(folder, definition, problems) for name, definition in REGISTERS.items()}
    _unknown_files(folder, problems)
    raise_problems(problems)
    library = version("holidays")
    pack = Pack(folder, settings, MappingProxyType(registers), library)
    return Pack(folder, settings, pack.registers, library, hashlib.sha256(document(pack)).hexdigest())


def document(pack: Pack) -> bytes:
    """The whole content of a pack as canonical JSON: what its hash is taken over and what can be kept of it."""
    content = {
        "settings": pack.settings.as_document(),
        "holidays": pack.library_version,
        "registers": {
            name: sorted(_cells(row) for row in register.rows)
            for name, register in sorted(pack.registers.items())
            if register.present
        },
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_document(content: bytes) -> Pack:
    """The pack that `document` was made of. A row's line is its place: models distinguish the rows of a register by it.

    Raises:
        PackError: the content is none of `document`'s.
    """
    document = json.loads(content)
    own = document["settings"]
    settings = PackSettings(
        own["name"],
        own["version"],
        date.fromisoformat(own["effective_from"]) if own["effective_from"] else None,
        tuple(own["adequate_countries"]),
        MappingProxyType(own["incident_hours"]),
        MappingProxyType(read_thresholds(own)),
    )
    problems: list[PackProblem] = []
    registers = {}
    for name, definition in REGISTERS.items():
        numbered = enumerate(document["registers"].get(name, []), start=1)
        rows = [(line, _typed(definition.file, line, dict(cells), definition, problems)) for line, cells in numbered]
        present = name in document["registers"]
        registers[name] = Register(
            definition, tuple(RegisterRow(definition.file, line, row) for line, row in rows), present=present
        )
    raise_problems(problems)
    return Pack(Path(), settings, MappingProxyType(registers), document["holidays"], hashlib.sha256(content).hexdigest())


def _cells(row: RegisterRow) -> list[list[str]]:
    def text(value: Value) -> str:
        return ";".join(value) if isinstance(value, tuple) else str(value)

    return [[name, text(value)] for name, value in sorted(row.values.items()) if value not in (None, ())]


def _register(folder: Path, definition: RegisterDefinition, problems: list[PackProblem]) -> Register:
    file, shipped = folder / definition.file, False
    if not file.is_file() and definition.shipped:
        file, shipped = SHIPPED / definition.file, True
    if not file.is_file():
        return Register(definition)
    found = len(problems)
    rows = tuple(_rows(file, definition, problems))
    if shipped and len(problems) > found:
        problems[found:] = [PackProblem(str(file), p.line, p.message, p.remedy) for p in problems[found:]]
    return Register(definition, rows, present=True, shipped=shipped)


def _rows(file: Path, definition: RegisterDefinition, problems: list[PackProblem]) -> Iterator[RegisterRow]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        problems.append(PackProblem(file.name, line, "this is not UTF-8", "Save the file as CSV UTF-8."))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not _header_fits(file.name, header, definition, problems):
            return
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    message = f"{len(cells)} cells where the header names {len(header)} columns"
                    problems.append(PackProblem(file.name, line, message, 'Put text that holds commas in "quotation marks".'))
                else:
                    cells_by_name = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
                    yield RegisterRow(file.name, line, _typed(file.name, line, cells_by_name, definition, problems))
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = 'Close each "quotation mark" and double those inside a text.'
        problems.append(PackProblem(file.name, reader.line_num, f"this is no readable CSV: {error}", remedy))


def _header_fits(file: str, header: list[str], definition: RegisterDefinition, problems: list[PackProblem]) -> bool:
    columns = [column.name for column in definition.columns]
    found = len(problems)
    if not header:
        message = "the file has no header"
        problems.append(PackProblem(file, 1, message, f"Begin it with: {','.join(columns)}"))
    elif len(header) == 1 and ";" in header[0]:
        message = "the columns are separated by semicolons"
        problems.append(PackProblem(file, 1, message, "Save it with commas; semicolons separate the items of a list."))
    else:
        for name in header:
            if name not in columns:
                near = get_close_matches(name, columns, n=1)
                remedy = f"Did you mean `{near[0]}`?" if near else f"Columns of this register: {', '.join(columns)}"
                problems.append(PackProblem(file, 1, f"unknown column `{name}`", remedy))
            elif header.count(name) > 1:
                problems.append(PackProblem(file, 1, f"column `{name}` is there twice", "Remove one of them."))
        for column in definition.columns:
            if column.required and column.name not in header:
                remedy = "Add the column; it may never be empty."
                problems.append(PackProblem(file, 1, f"column `{column.name}` is missing", remedy))
    return len(problems) == found


def _typed(
    file: str, line: int, given: Mapping[str, str], definition: RegisterDefinition, problems: list[PackProblem]
) -> Mapping[str, Value]:
    values: dict[str, Value] = {}
    for column in definition.columns:
        try:
            values[column.name] = _value(column, given.get(column.name, ""))
        except Unreadable as error:
            values[column.name] = None
            remedy = f"Allowed: {', '.join(column.choices)}" if column.choices else "Correct the cell, or empty it."
            problems.append(PackProblem(file, line, f"{column.name}: {error}", remedy))
    start, end = values.get("valid_from"), values.get("valid_to")
    if isinstance(start, date) and isinstance(end, date) and end <= start:
        message = f"valid_to {end} is not after valid_from {start}"
        problems.append(PackProblem(file, line, message, "valid_to is the first day on which the row no longer holds."))
    return MappingProxyType(values)


def _value(column: RegisterColumn, text: str) -> Value:
    if not text:
        if column.required:
            raise Unreadable("this cell is empty and may not be")
        return () if column.type == "list" else None
    if text in column.also:
        return text
    value = READERS[column.type](text)
    if column.choices:
        for item in value if isinstance(value, tuple) else (value,):
            if item not in column.choices:
                raise Unreadable(f"`{item}` is not known here")
    return value


def _unknown_files(folder: Path, problems: list[PackProblem]) -> None:
    for file in sorted(folder.glob("*.csv")):
        if file.stem not in REGISTERS:
            near = get_close_matches(file.stem, REGISTERS, n=1)
            remedy = f"Did you mean `{near[0]}.csv`?" if near else f"Registers: {', '.join(REGISTERS)}"
            problems.append(PackProblem(file.name, 0, "this is no register of a pack", remedy))
