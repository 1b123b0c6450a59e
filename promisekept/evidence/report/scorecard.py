"""Parts 1 and 4: the page for the board, and the scorecard.

Here: counts of verdicts, the three things that matter, the list of what was missed, every promise in one table. Not here:
the pages of a promise (promise_pages.py), or the order, worst first (promisekept/assessment/worst_first.py).
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from promisekept.assessment.worst_first import Place, place_of
from promisekept.evidence.report import charts, verdicts
from promisekept.evidence.report.measure_text import figure_of, fraction_of, may, name_of, reason_of, target_of
from promisekept.evidence.report.model import Block, Chart, Count, Counts, Item, Items, Part, ReportColumn, Row, Table, Text
from promisekept.evidence.report.promises import Promise, verdicts_by_period
from promisekept.evidence.report.queries import Inquiry
from promisekept.evidence.report.suppression import WITHHELD, Suppression
from promisekept.evidence.scope import ScopePeriod
from promisekept.presentation import formats, labels, paper, statuses

_THAT_MATTER = 3
_LISTED = 10
"""How many promises the board's page lists, so that it stays one page."""

_LINE, _CLAIM = 56, 110
_NUMBERS = ("no", "one", "two", "three", "four")


def board(ask: Inquiry, suppression: Suppression, promises: tuple[Promise, ...]) -> Part:
    """Part 1: the summary for a board, on one page."""
    periods = verdicts_by_period(ask)
    wrong = [promise for promise in promises if promise.status in ("missed", "insufficient_evidence")]
    blocks: list[Block] = [
        Text(_sentence(ask, promises), "lead"),
        _counts(ask, promises, periods),
        _history(ask, promises, periods),
        Text("Three things that matter", "label"),
        Items(tuple(_item(suppression, promise) for promise in sorted(promises, key=_worst_first)[:_THAT_MATTER])),
    ]
    if wrong:
        blocks.append(_wrong(ask, suppression, wrong))
    return Part(1, "For the board: one page", tuple(blocks))


def scorecard(ask: Inquiry, suppression: Suppression, promises: tuple[Promise, ...]) -> Part:
    """Part 4: every promise with its measures and its verdict."""
    kinds = Counter(promise.clause["source"] for promise in promises)
    counted = "; ".join(
        f"{name.lower()}: {sum(p.status in statuses.KEPT for p in promises if p.clause['source'] == code)} of {kinds[code]} kept"
        for code, name in labels.ORIGINS.items()
        if kinds[code]
    )
    rows: list[Row] = []
    section = None
    for promise in promises:
        if promise.clause["section"] != section:
            section = promise.clause["section"]
            rows.append(Row((section,), "group"))
        rows.append(_line(suppression, promise))
    columns = (
        ReportColumn("Ref.", 7.5),
        ReportColumn("Promise", 33),
        ReportColumn("Target", 9.5, "right"),
        ReportColumn("Figure", 11, "right"),
        ReportColumn("Numerator / denominator", 19),
        ReportColumn("Verdict", 20),
    )
    note = "Several lines in a cell are the measures of one promise, as on its page in part 5; that which decides stands first."
    of = f"fct_control_results, {title_of(ask.scope.period)}"
    table = Table(f"The {len(promises)} promises, their measures and verdicts", of, columns, tuple(rows), note)
    return Part(4, "Scorecard", (Text(f"Counted apart: {counted}.", "prose"), table))


def title_of(period: ScopePeriod) -> str:
    """`Q3 2026`, `September 2026` or `2026`."""
    return short_title(period.grain, period.start, full=True)


def short_title(grain: str, start: date, *, full: bool = False) -> str:
    """What a period is called, for an axis with the year in two digits."""
    year = f"{start.year}" if full else f"{start.year % 100:02d}"
    if grain == "quarter":
        return f"Q{(start.month + 2) // 3} {year}"
    if grain == "month":
        return f"{paper.full_month(start) if full else paper.full_month(start)[:3]} {year}"
    return f"{start.year}"


def counted(status: tuple[str, ...], promises: tuple[Promise, ...]) -> int:
    """How many promises have one of these verdicts."""
    return sum(promise.status in status for promise in promises)


def _sentence(ask: Inquiry, promises: tuple[Promise, ...]) -> str:
    kept, missed = counted(statuses.KEPT, promises), counted(("missed",), promises)
    unclear, by_hand = counted(("insufficient_evidence",), promises), counted(("manual",), promises)
    narrow = counted(("met_on_main_reading",), promises)
    rest = len(promises) - kept - missed - unclear - by_hand
    parts = [f"Of {len(promises)} promises, {kept} {_were(kept)} kept in {title_of(ask.scope.period)}"]
    parts.append(f"{missed} {_were(missed)} missed and {unclear} could not be assessed")
    text = ", ".join(parts) + "."
    if narrow:
        text += f" {narrow} of those kept {_were(narrow)} kept by the standard interpretation only."
    more = [f"{by_hand} {'is' if by_hand == 1 else 'are'} assessed manually"] if by_hand else []
    more += [f"for {rest} no case arose or fell due"] if rest else []
    text += f" {labels.clause(' and '.join(more))}." if more else ""
    return text + (" The period still runs." if ask.is_running else "")


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _counts(ask: Inquiry, promises: tuple[Promise, ...], periods: list[tuple[date, dict[str, int]]]) -> Counts:
    before = periods[-2] if len(periods) > 1 else None

    def note(status: tuple[str, ...]) -> str:
        if before is None:
            return ""
        return f"{sum(before[1].get(one, 0) for one in status)} in {short_title(ask.scope.period.grain, before[0])}"

    kinds = (
        ("met", statuses.KEPT),
        ("missed", ("missed",)),
        ("insufficient_evidence", ("insufficient_evidence",)),
        ("manual", ("manual",)),
        ("not_applicable", ("not_applicable", "not_yet_due")),
    )
    return Counts(tuple(Count(str(counted(status, promises)), verdicts.VERDICTS[code], note(status)) for code, status in kinds))


def _history(ask: Inquiry, promises: tuple[Promise, ...], periods: list[tuple[date, dict[str, int]]]) -> Chart:
    columns = []
    for start, counted_by in periods:
        kept = sum(counted_by.get(one, 0) for one in statuses.KEPT)
        missed = counted_by.get("missed", 0)
        columns.append((short_title(ask.scope.period.grain, start), (kept, missed, sum(counted_by.values()) - kept - missed)))
    length = f"{ask.scope.period.grain}s"
    alt = "; ".join(f"{name}: {kept} kept, {missed} missed, {rest} neither" for name, (kept, missed, rest) in columns) + "."
    caption = f"Promises kept, missed and neither, last {len(columns)} {length}."
    return Chart(caption, f"Of {len(promises)}.", alt, charts.stacked(columns, 130), charts.WIDTH, 130)


def _worst_first(promise: Promise) -> Place:
    measure = promise.deciding.row if promise.deciding else {"distance": None, "breaches": None}
    gravest = min((one["severity"] for one in promise.findings), key=list(statuses.SEVERITIES).index, default=None)
    return place_of(promise.status, measure["distance"], gravest, measure["breaches"], promise.ref)


def _item(suppression: Suppression, promise: Promise) -> Item:
    measure, word = promise.deciding, verdicts.VERDICTS[promise.status].word.lower()
    claim = clipped(labels.clause(promise.clause["promise"]), _CLAIM)
    if measure is None or measure.row["value"] is None or promise.status == "insufficient_evidence":
        return Item(f"{claim}: {word}.", _why(suppression, promise), promise.ref)
    figure, target = figure_of(suppression, measure), target_of(measure)
    head = f"{name_of(measure)}: {figure} against {target}" if figure != WITHHELD else f"{name_of(measure)} against {target}"
    of = f" ({fraction_of(suppression, measure).replace(' / ', ' of ')})" if may(suppression, measure) else ""
    return Item(f"{head}{of}: {word}.", f"{claim}. {_why(suppression, promise)}".strip(), promise.ref)


def _why(suppression: Suppression, promise: Promise) -> str:
    """The cause that stands behind most findings of the period, in words."""
    found = promise.findings
    if suppression.is_public:
        return ""
    if not found:
        return f"{labels.clause(promise.reason)}." if promise.reason else ""
    (word, most), *_ = sorted(Counter(one["word"] for one in found).items(), key=lambda item: (-item[1], item[0]))
    cause = labels.clause(word)
    if len(found) == 1:
        return f"One finding of the period stands behind it: {cause[:1].lower()}{cause[1:]}."
    if most == len(found):
        return f"All {formats.count(most)} findings of the period have one cause: {cause[:1].lower()}{cause[1:]}."
    number = labels.sentence(_NUMBERS[most]) if most < len(_NUMBERS) else formats.count(most)
    have = "has" if most == 1 else "have"
    return f"{number} of the {formats.count(len(found))} findings of the period {have} one cause: {cause[:1].lower()}{cause[1:]}."


def _wrong(ask: Inquiry, suppression: Suppression, wrong: list[Promise]) -> Table:
    rows = []
    for promise in sorted(wrong, key=_worst_first)[:_LISTED]:
        measure = promise.deciding
        figure = figure_of(suppression, measure) if measure and promise.status == "missed" else formats.NULL
        rows.append(
            Row(
                (
                    promise.ref,
                    clipped(labels.clause(promise.clause["promise"]), _LINE),
                    figure,
                    target_of(measure) if measure else formats.NULL,
                    verdicts.VERDICTS[promise.status] if suppression.is_public else _answering(ask, promise),
                )
            )
        )
    more = len(wrong) - len(rows)
    note = f"{formats.NULL} not assessable." + (f" {formats.count(more)} more in part 4." if more > 0 else "")
    columns = (
        ReportColumn("Ref.", 7),
        ReportColumn("Promise", 53 if suppression.is_public else 46),
        ReportColumn("Figure", 11 if suppression.is_public else 9, "right"),
        ReportColumn("Target", 9 if suppression.is_public else 8, "right"),
        ReportColumn("Verdict", 20) if suppression.is_public else ReportColumn("Owner, due", 30),
    )
    caption = "Missed or not assessable" + ("" if suppression.is_public else ", and who answers for it")
    return Table(caption, "fct_control_status", columns, tuple(rows), note)


def _answering(ask: Inquiry, promise: Promise) -> str:
    """Who answers for it, and by when it is to be resolved; a day that is over is marked."""
    due = promise.clause["remedy_due"]
    if due is None:
        return promise.owner
    return f"{promise.owner}, {paper.short_day(due)}" + (" (passed)" if due < ask.today else "")


def clipped(text: str, longest: int) -> str:
    """A promise in as many characters as the board's page has room for; part 4 has all of its words."""
    return text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0] + "…"


def _line(suppression: Suppression, promise: Promise) -> Row:
    mark = verdicts.VERDICTS[promise.status]
    claim = labels.clause(promise.clause["promise"])
    if not promise.measures:
        why = "" if suppression.is_public else reason_of(promise, suppression)
        return Row((promise.ref, claim, formats.NULL, formats.NULL, why, mark))
    measures = promise.measures
    return Row(
        (
            promise.ref,
            claim,
            "\n".join(target_of(one) for one in measures),
            "\n".join(figure_of(suppression, one) for one in measures),
            "\n".join(fraction_of(suppression, one) for one in measures),
            mark,
        )
    )
