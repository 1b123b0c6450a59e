"""Drawings of figures as SVG: text from numbers, the same on every machine.

Here: columns over time, a rate over months against its target, the bars of the population. Not here: what is drawn
(scorecard.py, promise_pages.py, population.py). A drawing is 600 units wide, which is the width of the text; no gradient, no
script, no id, and no text that isn't escaped. Colours never stand alone: missed months are squares, numbers stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from promisekept.evidence.report.promises import Point
from promisekept.presentation import formats, paper

WIDTH = 600
INK, NAVY, RED, SAND, GREY, LINE, SILVER = "#1c2430", "#1f3a5f", "#9c2a22", "#e3decb", "#5a6370", "#d3d8df", "#b9c0cb"
_SIZE = 10.7


def _text(x: float, y: float, words: str, *, anchor: str = "middle", colour: str = INK, size: float = _SIZE) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{escape(words)}</text>'


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, *, dash: str = "", width: float = 0.8) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def _drawing(height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
        f"font-family=\"'Source Sans 3'\">{''.join(parts)}</svg>"
    )


def stacked(columns: Sequence[tuple[str, tuple[int, int, int]]], height: int = 190) -> str:
    """Columns of kept, missed and neither, bottom to top, each number in its piece; the pieces are named at the right."""
    top = max((sum(numbers) for _, numbers in columns), default=0) or 1
    floor, room = height - 22, height - 34
    step = min(61.0, 430 / max(len(columns), 1))
    parts: list[str] = []
    heights: list[float] = []
    for at, (name, numbers) in enumerate(columns):
        left, y = 12 + at * step, float(floor)
        heights = []
        for number, colour, ink in zip(numbers, (NAVY, RED, SAND), ("#ffffff", "#ffffff", INK), strict=True):
            tall = room * number / top
            y -= tall
            if number:
                parts.append(_bar(left, y, step * 0.72, max(tall - 0.8, 0.6), colour))
                if tall >= 9:
                    parts.append(_text(left + step * 0.36, y + tall / 2 + 3.6, formats.count(number), colour=ink))
            heights.append(y + tall / 2 + 3.6)
        parts.append(_text(left + step * 0.36, height - 7, name))
    edge, last = 24 + len(columns) * step, float("inf")
    for name, y in zip(("Kept", "Missed", "Not assessable, manual, no case"), heights, strict=False):
        last = min(y, last - 13)
        parts.append(_text(edge, last, name, anchor="start"))
    return _drawing(height, parts)


def over_months(points: Sequence[Point], target: float | None, *, lower_is_better: bool, words: tuple[str, str]) -> str:
    """A share by month with its target; below each month the two counts whose names are `words`."""
    values = [point.value for point in points if point.value is not None]
    low = min([*values, *([target] if target is not None else [])], default=0.0)
    high = max([*values, *([target] if target is not None else [])], default=1.0)
    bottom, ceiling, ticks = _axis(low, high)
    height, floor, left, right = 208, 152, 70, 520
    step = (right - left) / max(len(points), 1)

    def at(value: float) -> float:
        return floor - (floor - 14) * (value - bottom) / (ceiling - bottom)

    parts = [_rule(left, at(tick), right, at(tick), LINE) for tick in ticks]
    parts += [_text(left - 6, at(tick) + 3.6, paper.rate(tick), anchor="end") for tick in ticks]
    parts += [_rule(left, 14, left, floor, GREY), _rule(left, floor, right, floor, GREY)]
    if target is not None:
        parts.append(_rule(left, at(target), right, at(target), INK, dash="3 2", width=1))
        parts.append(_text(right + 5, at(target) + 3.6, f"target {paper.rate(target)}", anchor="start"))
    before: tuple[float, float] | None = None
    marks: list[str] = []
    for number, point in enumerate(points):
        x = left + (number + 0.5) * step
        parts.append(_text(x, floor + 15, paper.month(point.month)))
        parts.append(_text(x, floor + 30, formats.count(point.numerator)))
        parts.append(_text(x, floor + 45, formats.count(point.denominator), colour=GREY))
        if point.value is None:
            before = None
            continue
        y = at(point.value)
        if before:
            parts.append(_rule(*before, x, y, NAVY, width=1.3))
        before = (x, y)
        short = target is not None and (point.value > target if lower_is_better else point.value < target)
        marks.append(_bar(x - 3, y - 3, 6, 6, RED) if short else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{NAVY}"/>')
    parts += marks
    parts += [
        _text(left - 6, floor + 30, words[0], anchor="end"),
        _text(left - 6, floor + 45, words[1], anchor="end", colour=GREY),
    ]
    return _drawing(height, parts)


def axis_start(points: Sequence[Point], target: float | None) -> float:
    """Where the axis of `over_months` begins."""
    values = [point.value for point in points if point.value is not None] + ([target] if target is not None else [])
    return _axis(min(values, default=0.0), max(values, default=1.0))[0]


def _axis(low: float, high: float) -> tuple[float, float, list[float]]:
    """Bounds and ticks of a share's axis: 2 to 5 even steps that hold both values, never past 0 or 1."""
    for step in (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5):
        first, past = int(low / step + 1e-9), -int(-high / step - 1e-9)
        while past * step < high - 1e-12:
            past += 1
        past = min(max(past, first + 1), round(1 / step))
        first = max(0, min(first, past - 1) - (1 if first * step > low - 1e-9 else 0))
        if past - first <= 5:
            return first * step, past * step, [number * step for number in range(first, past + 1)]
    return 0.0, 1.0, [0.0, 0.5, 1.0]


def counts_by_month(points: Sequence[Point], height: int = 120) -> str:
    """Columns of a number by month, the number above each; where it should be none, every column is a miss."""
    floor, left, right = height - 20, 70, 520
    step = (right - left) / max(len(points), 1)
    top = max((point.value or 0 for point in points), default=0) or 1
    parts = [_rule(left, floor, right, floor, GREY)]
    for number, point in enumerate(points):
        x = left + (number + 0.5) * step
        tall = (floor - 22) * (point.value or 0) / top
        if point.value:
            parts.append(_bar(x - step * 0.28, floor - tall, step * 0.56, tall, RED if point.status == "missed" else NAVY))
        parts.append(_text(x, floor - tall - 5, formats.count(point.value)))
        parts.append(_text(x, floor + 15, paper.month(point.month)))
    return _drawing(height, parts)


def waterfall(total: tuple[str, int], steps: Sequence[tuple[str, int, str]]) -> str:
    """A bar of everything, then what it consists of, each piece where the one before it ended; values beside the bars."""
    left, right, line = 158, 545, 22
    scale = (right - left) / (total[1] or 1)
    parts = [
        _text(left - 6, 15, total[0], anchor="end"),
        _bar(left, 6, total[1] * scale, 11, INK),
        _text(left + total[1] * scale + 5, 15, formats.count(total[1]), anchor="start"),
    ]
    edge = left + total[1] * scale
    for number, (name, size, colour) in enumerate(steps, start=1):
        y, wide = 6 + number * line, size * scale
        edge -= wide
        parts.append(_text(left - 6, y + 9, name, anchor="end"))
        if size:
            parts.append(_bar(edge, y, max(wide, 1.2), 11, colour))
        parts.append(_text(edge + max(wide, 1.2) + 5, y + 9, formats.count(size), anchor="start"))
    return _drawing(line * (len(steps) + 1) + 8, parts)
