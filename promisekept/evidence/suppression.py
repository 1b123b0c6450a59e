"""Which figures the public may not see, so that no small group can be read or derived.

Here: primary suppression (a count between 1 and the threshold less one), and as much more as it takes that none of them comes
out of what is shown: not by subtraction along a dimension, not along months, quarters and years, not by any combination of both.
Not here: reading figures or writing tables (public.py).

The pattern is computed over all periods and dimensions of a snapshot at once, whichever of them a bundle holds: so two public
bundles of one snapshot can be laid side by side. A figure is shown or hidden whole: numerator, denominator and value, since each
two of them give the third. What it does not protect: differences between two metrics that count the same units in two ways,
and between two snapshots; omissions.json states it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

_PRIME = 2**61 - 1
_LENGTHS = {"month": 0, "quarter": 1, "year": 2, "to_date": 3}
ALL = "all"


class FigureCell(NamedTuple):
    """One figure of a metric: its period and what it is of. `start` and `end` are None for `to_date`."""

    grain: str
    start: date | None
    end: date | None
    dimension: str
    value: str


CellCounts = Mapping[FigureCell, tuple[int, ...]]
"""Per figure the counts of units that it reveals: of a rate those in the numerator and those that are not."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What adds up: `total` is the sum of `parts`, for each of the counts."""

    total: FigureCell
    parts: tuple[FigureCell, ...]

    @property
    def cells(self) -> tuple[FigureCell, ...]:
        """All of them."""
        return (self.total, *self.parts)


def hidden_cells(counts: CellCounts, threshold: int, *, is_state: bool = False) -> frozenset[FigureCell]:
    """The figures of one metric that are not shown.

    Args:
        counts: of every figure of the metric in the snapshot.
        threshold: counts from 1 up to one less are small.
        is_state: whether a quarter is its last month instead of the sum of its months.

    Returns:
        All small ones, and the others that hide them.
    """
    sums = list(sums_of(counts, is_state=is_state))
    hidden = {cell for cell, numbers in counts.items() if any(0 < number < threshold for number in (*numbers, sum(numbers)))}
    while True:
        found = _bare(sums, counts, hidden, threshold) or _worked_out(sums, counts, hidden)
        if not found:
            return frozenset(hidden)
        hidden |= found


def sums_of(cells: Iterable[FigureCell], *, is_state: bool) -> Iterator[Sum]:
    """What adds up among the figures of a metric: values of a dimension to `all`, months to quarters to years to all time."""
    by_period: dict[tuple[str, date | None, date | None], dict[str, list[FigureCell]]] = defaultdict(lambda: defaultdict(list))
    by_kind: dict[tuple[str, str], list[FigureCell]] = defaultdict(list)
    for cell in sorted(cells, key=_order):
        by_period[cell[:3]][cell.dimension].append(cell)
        by_kind[cell.dimension, cell.value].append(cell)
    for dimensions in by_period.values():
        for dimension, parts in dimensions.items():
            if dimension != ALL and dimensions.get(ALL):
                yield Sum(dimensions[ALL][0], tuple(parts))
    for same in by_kind.values():
        for total in same:
            inside = [part for part in same if _lies_in(part, total)]
            coarsest = max((_LENGTHS[part.grain] for part in inside), default=None)
            parts = [part for part in inside if _LENGTHS[part.grain] == coarsest]
            if parts:
                yield Sum(total, tuple(parts[-1:] if is_state else parts))


def worked_out(sums: Sequence[Sum], hidden: Iterable[FigureCell]) -> set[FigureCell]:
    """The hidden figures that follow from what is shown: those that every solution of the sums gives the same value."""
    unknown = {cell: number for number, cell in enumerate(sorted(hidden, key=_order))}
    rows: dict[int, dict[int, int]] = {}
    for one in sums:
        row = {unknown[cell]: _PRIME - 1 if cell == one.total else 1 for cell in one.cells if cell in unknown}
        row = _reduced(row, rows)
        if not row:
            continue
        pivot = min(row)
        inverse = pow(row[pivot], -1, _PRIME)
        row = {column: value * inverse % _PRIME for column, value in row.items()}
        for other in rows.values():
            if pivot in other:
                _subtract(other, row, other[pivot])
        rows[pivot] = row
    names = {number: cell for cell, number in unknown.items()}
    return {names[pivot] for pivot, row in rows.items() if len(row) == 1}


def _bare(sums: Sequence[Sum], counts: CellCounts, hidden: set[FigureCell], threshold: int) -> set[FigureCell]:
    """What to hide more, because a sum gives a hidden figure away or the hidden ones of a sum are few units together."""
    more: set[FigureCell] = set()
    for one in sums:
        concealed = hidden | more
        unseen = [cell for cell in one.cells if cell in concealed]
        if not unseen:
            continue
        if len(unseen) == 1 or (one.total not in concealed and _is_small(unseen, counts, threshold)):
            shown = [cell for cell in one.parts if cell not in concealed and any(counts[cell])]
            more.add(min(shown, key=lambda cell: _size(cell, counts)) if shown else one.total)
            if len(unseen) == 1 and unseen[0] == one.total and not shown:
                more.update(one.parts)
    return more - hidden


def _worked_out(sums: Sequence[Sum], counts: CellCounts, hidden: set[FigureCell]) -> set[FigureCell]:
    """What to hide more, because several sums together give a hidden figure away."""
    derivable = worked_out(sums, hidden)
    more: set[FigureCell] = set()
    for cell in derivable:
        shown = [other for one in sums if cell in one.cells for other in one.cells if other not in hidden]
        if shown:
            more.add(_cheapest(shown, counts))
    if derivable and not more:  # all beside them is hidden already: what gives them away is shown further off
        further = [other for one in sums if hidden.intersection(one.cells) for other in one.cells if other not in hidden]
        more.update([_cheapest(further, counts)] if further else [])
    return more


def _cheapest(shown: Iterable[FigureCell], counts: CellCounts) -> FigureCell:
    return min(shown, key=lambda other: (not any(counts[other]), _size(other, counts)))


def _is_small(cells: Iterable[FigureCell], counts: CellCounts, threshold: int) -> bool:
    """Whether some figures together reveal a small group."""
    together = [sum(numbers) for numbers in zip(*(counts[cell] for cell in cells), strict=True)]
    return any(0 < number < threshold for number in (*together, sum(together)))


def _reduced(row: dict[int, int], rows: Mapping[int, dict[int, int]]) -> dict[int, int]:
    for pivot in sorted(row):
        if pivot in rows and pivot in row:
            _subtract(row, rows[pivot], row[pivot])
    return row


def _subtract(row: dict[int, int], other: Mapping[int, int], times: int) -> None:
    for column, value in other.items():
        left = (row.get(column, 0) - times * value) % _PRIME
        if left:
            row[column] = left
        else:
            row.pop(column, None)


def _lies_in(part: FigureCell, total: FigureCell) -> bool:
    if _LENGTHS[part.grain] >= _LENGTHS[total.grain]:
        return False
    if total.start is None or total.end is None or part.start is None or part.end is None:
        return total.grain == "to_date"
    return total.start <= part.start and part.end <= total.end


def _size(cell: FigureCell, counts: CellCounts) -> tuple[int, tuple[int, str, str, str]]:
    return sum(counts[cell]), _order(cell)


def _order(cell: FigureCell) -> tuple[int, str, str, str]:
    return _LENGTHS[cell.grain], str(cell.start), cell.dimension, cell.value
