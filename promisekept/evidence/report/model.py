"""The content of the report, as data: parts of blocks, each block text, figures, a table or a chart. No layout, no markup.

Here: the shapes that both renderings draw, and nothing that only one of them draws. Every text is plain: a template sets
it as it is. Not here: what the snapshot holds, how it is worded (the parts: basis.py, population.py, scorecard.py
and their neighbours), how it looks (templates/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Align = Literal["left", "right"]
Tone = Literal["kept", "missed", "open", "quiet"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A verdict as a reader sees it: shape, word and colour, of which any one would do."""

    code: str
    word: str
    shape: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of a table; `width` is its share of the text width in percent."""

    head: str
    width: float
    align: Align = "left"
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns: text (lines parted by a line feed) or a verdict. `kind` group: one cell, a heading."""

    cells: tuple[str | Mark, ...]
    kind: Literal["row", "total", "group"] = "row"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; `of` is the mart or the citation, `note` stands below. `number` is given by `numbered`."""

    caption: str
    of: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[Row, ...]
    note: str = ""
    number: int = 0
    kind: str = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing made by charts.py; `alt` holds its figures in words. Width and height are the drawing's own units."""

    caption: str
    note: str
    alt: str
    svg: str
    width: int
    height: int
    number: int = 0
    kind: str = field(default="chart", init=False)


@dataclass(frozen=True, slots=True)
class Text:
    """Words of one of four weights; a label is a heading below the part or the promise."""

    text: str
    kind: Literal["lead", "prose", "label", "note"] = "prose"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without an order."""

    items: tuple[str, ...]
    kind: str = field(default="bullets", init=False)


@dataclass(frozen=True, slots=True)
class Count:
    """A big number with its verdict and a remark."""

    value: str
    mark: Mark
    note: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Big numbers in a row."""

    items: tuple[Count, ...]
    kind: str = field(default="counts", init=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One of the things that matter: what, then how, then where to read on."""

    head: str
    text: str
    ref: str


@dataclass(frozen=True, slots=True)
class Items:
    """Numbered things."""

    items: tuple[Item, ...]
    kind: str = field(default="items", init=False)


@dataclass(frozen=True, slots=True)
class PromiseHead:
    """Where a promise begins: its reference, its words, and where it comes from. Starts a page."""

    ref: str
    section: str
    title: str
    meta: str
    measure: str
    kind: str = field(default="promise", init=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value of the band: text, or a verdict."""

    label: str
    value: str | Mark
    note: str


@dataclass(frozen=True, slots=True)
class Band:
    """Four fields side by side: figure, target, verdict, data quality."""

    fields: tuple[Field, ...]
    kind: str = field(default="band", init=False)


@dataclass(frozen=True, slots=True)
class Formula:
    """How the figure comes about: in words, then with the numbers put in."""

    counted: str
    of: str
    numerator: str
    denominator: str
    result: str
    note: str
    kind: str = field(default="formula", init=False)


@dataclass(frozen=True, slots=True)
class Command:
    """What to type, what it proves, and what it doesn't."""

    line: str
    proves: str
    leaves_open: str


@dataclass(frozen=True, slots=True)
class Commands:
    """Commands in the order in which they are worth running."""

    items: tuple[Command, ...]
    kind: str = field(default="commands", init=False)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines to sign on, each with what stands below it."""

    items: tuple[str, ...]
    note: str
    kind: str = field(default="lines", init=False)


Block = Table | Chart | Text | Bullets | Counts | Items | PromiseHead | Band | Formula | Commands | Lines


@dataclass(frozen=True, slots=True)
class Part:
    """A numbered part; starts a page."""

    number: int
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the first page."""

    title: str
    subtitle: str
    prepared_for: str
    audience: str
    personal_data: str
    identity: tuple[tuple[str, str], ...]
    content_hash: tuple[str, ...]
    previous: tuple[str, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report. `as_of` is the document's date (ISO 8601, UTC); `paper` is `a4` or `us-letter`."""

    organisation: str
    title: str
    footer: str
    subject: str
    paper: str
    as_of: str
    cover: Cover
    control: tuple[Block, ...]
    parts: tuple[Part, ...]


def numbered(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts with their tables and their charts numbered through, each kind on its own, from 1."""
    tables = charts = 0
    done: list[Part] = []
    for part in parts:
        blocks: list[Block] = []
        for block in part.blocks:
            if isinstance(block, Table):
                tables += 1
                blocks.append(replace(block, number=tables))
            elif isinstance(block, Chart):
                charts += 1
                blocks.append(replace(block, number=charts))
            else:
                blocks.append(block)
        done.append(replace(part, blocks=tuple(blocks)))
    return tuple(done)
