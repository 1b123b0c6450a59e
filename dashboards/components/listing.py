"""A list that the page shows a few rows at a time and that its file holds whole: one specification of both.

Here: `Listing`. Not here: how a row is drawn or written (tables.py), what is listed (the pages).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dashboards import parameters
from dashboards.components import export, paper, tables
from dashboards.components.export import Filters
from dashboards.components.tables import SIZE, Column
from dashboards.data import query


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in its order.

    Attributes:
        name: of the widget, and of its selection.
        columns: of the page and of the file.
        number: how many rows it has.
        read: a cached question and its arguments but the last, which is the page: its first row and the one after the last.
        alt: what it is, for a screen reader.
        zone: in which instants are written.
        opens: what selecting a row does; None where nothing can be selected.
        size: rows of a page.
        parameter: the address holds the page under it.
        order: in words, for the line below.
    """

    name: str
    columns: Sequence[Column]
    number: int
    read: tuple[Callable[..., list[dict[str, Any]]], *tuple[Any, ...]]
    alt: str
    zone: str = "UTC"
    opens: Callable[[Mapping[str, Any]], None] | None = None
    size: int = SIZE
    parameter: str = "page"
    order: str = ""

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the page that the address names."""
        question, *arguments = self.read
        return question(*arguments, tables.rows_from_to(self.parameter, self.number, self.size))

    def draw(self) -> list[dict[str, Any]]:
        """Draw these rows, and the way to the others."""
        if parameters.printing():
            question, *arguments = self.read
            first = question(*arguments, (0, paper.ROWS))
            tables.printed(self.columns, first, self.zone, alt=self.alt, number=self.number)
            return first
        rows = self.rows()
        tables.listed(self.name, self.columns, rows, self.zone, alt=self.alt, opens=self.opens)
        tables.pager(self.parameter, self.number, len(rows), self.size, self.order)
        return rows

    def export(self, content: str, *, of: int, filters: Filters | None = None) -> None:
        """The `Export` control for all of it; arguments as of `export.control`."""
        export.control(content, self.columns, partial(query.every, *self.read), number=self.number, of=of, filters=filters)
