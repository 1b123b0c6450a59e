"""Which rows a question is about: the values that a reader chose, the period, the page of a list.

Here: pieces of SQL that several questions share, with the values that are bound to them. Not here: any question, what counts as
an open request (request_filters.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from promisekept.presentation.periods import Period

Own = tuple[tuple[str, tuple[str, ...]], ...]
"""Dimensions of one's own, each with the values that were chosen."""


def any_of(name: str, column: str) -> str:
    """SQL: a column has one of the values bound as a list of that name, or the list is empty."""
    return f"(len(${name}::varchar[]) = 0 or list_contains(${name}::varchar[], {column}))"


def own(dimension: str) -> str:
    """The filter of a dimension of one's own, as in the address: no page has another one of that name."""
    return f"own_{dimension}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The values that a reader chose, one field a filter; an empty one chooses all.

    `own`: the values chosen of each of one's own dimensions; those of which none was chosen are left out.
    """

    DIMENSIONS: ClassVar[Mapping[str, str]]
    """Filter (as in the address) -> dimension of `fct_metrics`, which is the column of a fact."""
    own: Own = field(default=(), kw_only=True)

    @property
    def chosen(self) -> tuple[tuple[str, str], ...]:
        """Every (filter, value) in force."""
        return (
            *((name, value) for name in self.DIMENSIONS for value in getattr(self, name)),
            *((own(dimension), value) for dimension, values in self.own for value in values),
        )

    @property
    def single(self) -> tuple[str, str] | None:
        """The dimension and value that `fct_metrics` holds figures for: all, or the only one chosen; else None."""
        if not self.chosen:
            return "all", "all"
        ((name, value), *others) = self.chosen
        return None if others else (self.DIMENSIONS.get(name) or self.own[0][0], value)

    def bound(self) -> dict[str, list[str]]:
        """The values as they are bound, and as the export log names them."""
        return {name: list(getattr(self, name)) for name in self.DIMENSIONS} | {
            own(dimension): list(values) for dimension, values in self.own
        }

    @property
    def selected(self) -> str:
        """SQL: a row is among what was chosen. A mart of an earlier version has no `dimensions`, and none is chosen there."""
        return " and ".join(
            (self.condition(), *(any_of(own(name), f"coalesce(dimensions ->> '{name}', 'unknown')") for name, _ in self.own))
        )

    @classmethod
    def condition(cls) -> str:
        """SQL: a row is among what was chosen of the dimensions that every project has."""
        return " and ".join(any_of(name, column) for name, column in cls.DIMENSIONS.items())


def within(column: str) -> str:
    """SQL: a date lies in the period bound as $start and $end, or there are no bounds."""
    return f"($start::date is null or ({column} >= $start::date and {column} < $end::date))"


def bounds(period: Period) -> dict[str, date | None]:
    """The period as it is bound."""
    return {"start": period.start, "end": period.end}


def limits(rows_from_to: tuple[int, int]) -> dict[str, int]:
    """The page of a list as $size and $skipped are bound: its first row, counted from 0, and the one after the last."""
    first, after_last = rows_from_to
    return {"size": after_last - first, "skipped": first}
