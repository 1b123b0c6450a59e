"""No small group can be read in public figures, nor worked out: not by subtraction, not by solving, not by trying all numbers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from promisekept.evidence.suppression import ALL, FigureCell, Sum, hidden_cells, sums_of, worked_out

QUARTERS = {1: (date(2026, 1, 1), date(2026, 4, 1)), 2: (date(2026, 4, 1), date(2026, 7, 1))}
YEAR = ("year", date(2026, 1, 1), date(2027, 1, 1))
THRESHOLD = 10


def month(number: int) -> tuple[str, date, date]:
    return "month", date(2026, number, 1), date(2026, number + 1, 1)


def cube(of_month: dict[tuple[int, str], tuple[int, ...]], dimension: str = "right_type") -> dict[FigureCell, tuple[int, ...]]:
    """Every figure that months by value of one dimension add up to, over half a year."""
    counts: dict[FigureCell, list[int]] = {}
    for (number, value), numbers in of_month.items():
        quarter = ("quarter", *QUARTERS[(number + 2) // 3])
        for period, by in product((month(number), quarter, YEAR, ("to_date", None, None)), ((dimension, value), (ALL, ALL))):
            cell = FigureCell(*period, *by)
            counts[cell] = [one + other for one, other in zip(counts.get(cell, [0] * len(numbers)), numbers, strict=True)]
    return {cell: tuple(numbers) for cell, numbers in counts.items()}


def solved(sums: list[Sum], hidden: frozenset[FigureCell]) -> set[FigureCell]:
    """The hidden figures that exact Gaussian elimination pins down: another program than the one that is tested."""
    order = sorted(hidden, key=str)
    rows = [[Fraction((cell in one.parts) - (cell == one.total)) for cell in order] for one in sums]
    pinned, top = set(), 0
    pivots = []
    for column in range(len(order)):
        pivot = next((row for row in range(top, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[top], rows[pivot] = rows[pivot], rows[top]
        rows[top] = [value / rows[top][column] for value in rows[top]]
        for row in range(len(rows)):
            if row != top and rows[row][column]:
                factor = rows[row][column]
                rows[row] = [one - factor * other for one, other in zip(rows[row], rows[top], strict=True)]
        pivots.append((top, column))
        top += 1
    for row, column in pivots:
        if sum(value != 0 for value in rows[row]) == 1:
            pinned.add(order[column])
    return pinned


def small(numbers: tuple[int, ...]) -> bool:
    return any(0 < number < THRESHOLD for number in (*numbers, sum(numbers)))


def test_a_small_cell_is_not_hidden_alone():
    counts = cube(
        {(1, "access"): (40,), (1, "erasure"): (3,), (1, "objection"): (50,), (2, "access"): (60,), (2, "erasure"): (70,)}
    )
    hidden = hidden_cells(counts, THRESHOLD)
    erasures = FigureCell(*month(1), "right_type", "erasure")
    assert erasures in hidden
    for one in sums_of(counts, is_state=False):
        if erasures in one.cells:
            assert len(hidden.intersection(one.cells)) > 1, one


def test_figures_of_a_state_are_hidden_where_the_same_state_is_hidden():
    cells = {
        FigureCell(*month(3), ALL, ALL): (4,), FigureCell("quarter", *QUARTERS[1], ALL, ALL): (4,),
        FigureCell(*month(2), ALL, ALL): (90,),
        FigureCell(*month(1), ALL, ALL): (80,),
    }  # fmt: skip
    assert hidden_cells(cells, THRESHOLD, is_state=True) == {cell for cell, numbers in cells.items() if numbers == (4,)}


def test_where_nothing_is_small_nothing_is_hidden_and_zero_is_not_small():
    counts = cube({(1, "access"): (40,), (1, "erasure"): (0,), (4, "access"): (10,)})
    assert hidden_cells(counts, THRESHOLD) == frozenset()


def test_the_misses_of_a_rate_are_a_cell_too():
    counts = cube(
        {(number, value): (300, 0) for number in (1, 2, 3) for value in ("access", "erasure")} | {(2, "access"): (300, 2)}
    )
    hidden = hidden_cells(counts, THRESHOLD)
    assert FigureCell(*month(2), "right_type", "access") in hidden


def test_hidden_figures_that_a_shown_total_makes_small_together_are_not_left_so():
    counts = cube({(1, "a"): (2,), (1, "b"): (3,), (1, "c"): (90,), (2, "a"): (30,), (2, "b"): (40,), (2, "c"): (50,)})
    hidden = hidden_cells(counts, THRESHOLD)
    for one in sums_of(counts, is_state=False):
        unseen = [cell for cell in one.parts if cell in hidden]
        if unseen and one.total not in hidden:
            assert sum(counts[cell][0] for cell in unseen) >= THRESHOLD


@settings(max_examples=60, deadline=None)
# Everything beside January's first figure was hidden, and what gave it away was shown further off: it stayed known.
@example({(1, "a"): (1, 0), (1, "d"): (8, 0), (2, "a"): (1, 0), (2, "b"): (9, 0), (3, "d"): (2, 0)})
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 5), st.sampled_from(["a", "b", "c", "d"])),
        st.tuples(st.integers(0, 60), st.one_of(st.just(0), st.integers(0, 30))),
        min_size=1,
        max_size=14,
    )
)
def test_no_hidden_figure_follows_from_those_that_are_shown(of_month):
    counts = cube(of_month)
    hidden = hidden_cells(counts, THRESHOLD)
    assert {cell for cell, numbers in counts.items() if small(numbers)} <= hidden
    sums = list(sums_of(counts, is_state=False))
    assert solved(sums, hidden) == set() == worked_out(sums, hidden)
    for one in sums:
        unseen = [cell for cell in one.parts if cell in hidden]
        if unseen and one.total not in hidden:
            assert not small(tuple(map(sum, zip(*(counts[cell] for cell in unseen), strict=True))))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 2), st.sampled_from("ab"), st.integers(0, 9)), min_size=1, max_size=8), st.integers(2, 4)
)
def test_trying_every_number_leaves_more_than_one_answer_for_each_small_cell(solution, threshold):
    of_month: dict[tuple[int, str], tuple[int, ...]] = {(number, value): (count,) for number, value, count in solution}
    counts = cube(of_month)
    hidden = hidden_cells(counts, threshold)
    if not any(cell.value == ALL and cell not in hidden for cell in counts):
        return  # no total is shown, without which the guesses have no bound
    parts = {part: FigureCell(*month(part[0]), "right_type", part[1]) for part in of_month}
    addends = {cell: [at for at, part in enumerate(parts) if cell in cube({part: (0,)})] for cell in counts.keys() - hidden}
    most = max(number for numbers in counts.values() for number in numbers)
    answers = []
    for guess in product(*(range(most + 1) if cell in hidden else counts[cell] for cell in parts.values())):
        if all(sum(guess[at] for at in places) == counts[cell][0] for cell, places in addends.items()):
            answers.append(cube({part: (number,) for part, number in zip(parts, guess, strict=True)}))
    for cell, (number,) in counts.items():
        if 0 < number < threshold:
            possible = {answer[cell] for answer in answers}
            assert len(possible) > 1, (cell, possible)


def test_the_guard_sees_a_figure_that_was_left_alone():
    counts = cube({(1, "a"): (2,), (1, "b"): (30,), (2, "a"): (40,), (2, "b"): (50,)})
    alone = frozenset({FigureCell(*month(1), "right_type", "a")})
    assert worked_out(list(sums_of(counts, is_state=False)), alone) == alone
    assert solved(list(sums_of(counts, is_state=False)), alone) == alone


@pytest.mark.parametrize("threshold", [1, 5, 10])
def test_the_whole_is_never_hidden_for_nothing(threshold):
    counts = cube({(number, value): (100 + number,) for number in range(1, 6) for value in "abc"})
    assert hidden_cells(counts, threshold) == frozenset()
