"""The page for the board, as data: counts of verdicts, what changed, the five worst, what is open, what it rests on.

Here: one page of one snapshot and one period, in the report's words and shapes. Not here: part 1 of the report, which stands
before the promises it names (scorecard.py), or how the page is drawn (templates/board.typ). It names no case and no person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from promisekept.assessment.changes import Assessment, assess, changed_verdicts
from promisekept.assessment.remediations import SOON, UNRECORDED, Remediations, remediations
from promisekept.errors import EvidenceError
from promisekept.evidence.rekeying import IDS_KEPT
from promisekept.evidence.report import charts, verdicts
from promisekept.evidence.report.model import Chart, Count, Mark
from promisekept.evidence.report.promises import verdicts_by_period
from promisekept.evidence.report.queries import Inquiry, check
from promisekept.evidence.report.scorecard import clipped, title_of
from promisekept.evidence.scope import Scope, ScopePeriod
from promisekept.presentation import formats, labels, paper, statuses
from promisekept.presentation.periods import Period, parse
from promisekept.publishing.reader import Row, SnapshotReader

REASON = 84
"""How many characters a reason may have where the page has room."""
_ALWAYS = 24
"""How many characters of any name are shown, whatever the room."""
_WORST = 5
_MONTHS = 12
_NAMED = 6
"""How many promises a line of changes names."""
_CLAIM = 58


@dataclass(frozen=True, slots=True)
class WorstPromise:
    """A promise that was missed or could not be assessed, with the measure that decides it."""

    ref: str
    promise: str
    mark: Mark
    figure: str
    target: str
    of: str
    reason: str
    owner: str
    due: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class ChangeCount:
    """Promises whose verdict changed in one direction: how many, and which."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class PreviousPeriod:
    """The period before, by name, and the verdict of each promise in it; empty where it was not assessed."""

    name: str
    verdicts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ages:
    """What is open by severity and age: a head and rows of cells, the last one the sum."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The page. `as_of` is the document's date (ISO 8601, UTC); `paper` is `a4` or `us-letter`."""

    organisation: str
    period: str
    title: str
    lead: str
    counts: tuple[Count, ...]
    history: Chart
    worst_title: str
    worst: tuple[WorstPromise, ...]
    worst_note: str
    changes_title: str
    changes: tuple[ChangeCount, ...]
    ages: Ages
    notes: tuple[tuple[str, str], ...]
    snapshot: str
    content_hash: str
    footer: str
    subject: str
    paper: str
    as_of: str


def build_board(reader: SnapshotReader, period: ScopePeriod, reason: int = REASON) -> Board:
    """The board's page: a function of the snapshot, the period and the room for reasons, and of nothing else.

    Args:
        reader: the snapshot, open.
        period: whose verdicts it shows.
        reason: how many characters a reason may have; 0 leaves them out.

    Raises:
        EvidenceError: the snapshot has no verdicts for the period.
    """
    title = title_of(period)
    ask = Inquiry(reader, Scope(reader.id, period, "auditor"), IDS_KEPT)
    check(ask)
    now = parse(period.code)
    earlier = now.before if now else None
    if now is None or earlier is None:
        raise EvidenceError(f"{period.code}: the board's page is about a month, a quarter or a year.")
    assessed, base = (assess(reader.cursor(), ask.zone, one, one.label) for one in (now, earlier))
    every, before = assessed.promises, _before(ask, earlier)
    kept, missed = _counted(every, statuses.KEPT), _counted(every, ("missed",))
    worst = [row for row in every if row["status"] in ("missed", "insufficient_evidence")]
    changes = _changes(assessed, base, before)
    groups = remediations(reader.cursor())
    ages = _open_by_age(ask, groups) if groups.is_recorded else _ages(ask)
    return Board(
        organisation=clipped(str(reader.manifest["organisation"]), _CLAIM),
        period=f"{title}, {paper.date_range(period.start, ask.last)}",
        title=f"Privacy promises: {kept} of {len(every)} kept, {missed} missed",
        lead=_lead(ask, changes, worst, before, groups),
        counts=_counts(every, before, groups),
        history=_history(ask, len(every)),
        worst_title=f"The {_of_worst(worst)} furthest from their target" if worst else "No promise was missed or lacks evidence",
        worst=tuple(_worst(ask, row, reason) for row in worst[:_WORST]),
        worst_note=f"{min(len(worst), _WORST)} of {len(worst)} missed or not assessable; by distance, severity, cases",
        changes_title=_changes_title(changes, before, len(every)),
        changes=tuple(_change(kind, found, before) for kind, found in changes if found),
        ages=ages,
        notes=(("Accepted risk", _accepted(ask, groups)), ("Quality of the evidence", _quality(ask))),
        snapshot=reader.id,
        content_hash=str(reader.manifest["content_hash"]),
        footer=f"For the board, {title}",
        subject=f"{title}, snapshot {reader.id}, for the board",
        paper=ask.paper,
        as_of=paper.utc(ask.as_of),
    )


def _counted(every: Sequence[Row], codes: tuple[str, ...]) -> int:
    return sum(row["status"] in codes for row in every)


def _before(ask: Inquiry, earlier: Period) -> PreviousPeriod:
    """Each promise's verdict in the period before; none where the snapshot was not assessed for it."""
    found = ask.rows(
        """
        select clause_id, arg_min(status, list_position($ranks::varchar[], status)) as status
        from marts.fct_control_status where period_grain = $grain and period_start = $before group by clause_id
        """,
        ranks=verdicts.RANKS,
        before=earlier.start,
    )
    return PreviousPeriod(earlier.label, {row["clause_id"]: row["status"] for row in found})


Kind = tuple[Mark, tuple[str, ...]]
_NEWLY_MISSED: Kind = (replace(verdicts.VERDICTS["missed"], word="newly missed"), ("newly_missed",))
_LOST: Kind = (replace(verdicts.VERDICTS["insufficient_evidence"], word="no longer assessable"), ("no_longer_assessable",))
_NOW_KEPT: Kind = (replace(verdicts.VERDICTS["met"], word="now kept"), ("now_kept",))
_OTHER: Kind = (Mark("", "other", "○", "quiet"), ("less_certain", "more_certain", "assessable_again", "without_case"))
_KINDS = (_NEWLY_MISSED, _LOST, _NOW_KEPT, _OTHER)
"""Each with the codes of `CHANGES` that it gathers: the page has room for four lines."""


def _changes(now: Assessment, base: Assessment, before: PreviousPeriod) -> list[tuple[Kind, list[Row]]]:
    """Promises whose verdict is another than in the period before, by what became of them."""
    found = [change for change in changed_verdicts(base, now) if change.clause_id in before.verdicts]
    return [(kind, [change.pair.after for change in found if change.kind in kind[1]]) for kind in _KINDS]


def _changes_title(changes: list[tuple[Kind, list[Row]]], before: PreviousPeriod, number: int) -> str:
    if not before.verdicts:
        return f"{before.name} was not assessed: nothing to compare with"
    changed = sum(len(found) for _, found in changes)
    if not changed:
        return f"No verdict of {number} changed since {before.name}"
    return f"What changed since {before.name}: {changed} of {number} verdicts"


def _change(kind: Kind, found: list[Row], before: PreviousPeriod) -> ChangeCount:
    shown = "; ".join(f"{row['clause_id']} {_in_short(row, before)}" for row in found[:_NAMED])
    more = f"; {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    warning = ". Not an improvement" if kind is _LOST else ""
    return ChangeCount(replace(kind[0], word=f"{len(found)} {kind[0].word}"), shown + more + warning)


def _in_short(row: Row, before: PreviousPeriod) -> str:
    """What is missed with its target; of the others the verdict before and now."""
    if row["status"] == "missed" and row["value"] is not None:
        return f"{_figure(row)} (target {_target(row)})"
    codes = (before.verdicts[row["clause_id"]], row["status"])
    return " → ".join(statuses.VERDICTS[code].narrow_cell for code in codes)


def _figure(row: Row) -> str:
    return paper.measured(row["value"], row["unit"], row["target"])


def _target(row: Row) -> str:
    return paper.target(row["operator"], row["target"], row["unit"])


def _lead(
    ask: Inquiry, changes: list[tuple[Kind, list[Row]]], worst: list[Row], before: PreviousPeriod, groups: Remediations
) -> str:
    sentences = []
    if before.verdicts:
        parts = [f"{len(found)} {kind[0].word}" for kind, found in changes if found and kind is not _OTHER]
        sentences.append(
            f"Since {before.name}: {', '.join(parts)}." if parts else f"Since {before.name} no promise changed sides."
        )
    if worst and worst[0]["status"] == "missed" and worst[0]["value"] is not None:
        first = worst[0]
        name = clipped(_lowered(_name(ask, first)), _CLAIM)
        sentences.append(f"The largest miss is {first['clause_id']} ({name}), {_figure(first)} against {_target(first)}.")
    if groups.is_recorded:
        sentences.append(f"{len(groups.overdue)} of {paper.plural(len(groups.open), 'open remediation')} are overdue.")
    else:
        sentences.append(f"{UNRECORDED} in this snapshot.")
    return " ".join([*sentences, "The period still runs."] if ask.is_running else sentences)


def _name(ask: Inquiry, row: Row) -> str:
    """What the deciding measure is called, with what it is narrowed to."""
    found = ask.rows("select name from marts.dim_metrics where metric_code = $metric", metric=row["metric_code"])
    name = found[0]["name"] if found else labels.sentence(row["metric_code"])
    return name if row["dimension"] == "all" else f"{name}: {labels.dimension_value(row['dimension'], row['dimension_value'])}"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _counts(every: Sequence[Row], before: PreviousPeriod, groups: Remediations) -> tuple[Count, ...]:
    was, now = Counter(before.verdicts.values()), Counter(row["status"] for row in every)
    law = sum(row["status"] == "missed" and row["source"] == "law" for row in every)
    evidence = [row["clause_id"] for row in every if row["status"] == "insufficient_evidence"]
    rest = sum(now[status] for status in statuses.NOT_YET_MEASURABLE)

    def note(codes: tuple[str, ...], *more: str) -> str:
        compared = f"{sum(was[code] for code in codes)} in {before.name}" if before.verdicts else ""
        return "; ".join(part for part in (compared, *more) if part)

    within = f"{now['met_within_tolerance']} within tolerance" if now["met_within_tolerance"] else ""
    only = f"{now['met_on_main_reading']} by the standard interpretation only" if now["met_on_main_reading"] else ""
    few = ", ".join(evidence) if len(evidence) <= 3 else ""
    cells = (
        ("met", statuses.KEPT, note(statuses.KEPT, within, only)),
        ("missed", ("missed",), note(("missed",), f"{law} {'is a duty' if law == 1 else 'are duties'} of law" if law else "")),
        ("insufficient_evidence", ("insufficient_evidence",), note(("insufficient_evidence",), few)),
        ("manual", ("manual",), note(("manual",), f"{rest} more without a case or not yet due" if rest else "")),
    )
    name = Mark("", "Open remediations", "", "quiet")
    recorded = Count(formats.NULL, name, f"{UNRECORDED.lower()} in this snapshot")
    if groups.is_recorded:
        states = f"{len(groups.overdue)} overdue; {len(groups.accepted)} more accepted"
        whole = paper.plural(len(groups.groups), "group")
        recorded = Count(formats.count(len(groups.open)), name, f"of {whole} of findings; {states}")
    return (*(Count(str(_counted(every, codes)), verdicts.VERDICTS[code], text) for code, codes, text in cells), recorded)


def _history(ask: Inquiry, number: int) -> Chart:
    columns: list[tuple[str, tuple[int, int, int]]] = []
    for start, by_status in verdicts_by_period(ask, _MONTHS, "month"):
        kept = sum(by_status.get(one, 0) for one in statuses.KEPT)
        missed = by_status.get("missed", 0)
        name = paper.month(start) if columns else f"{paper.full_month(start)[:3]} {start.year % 100:02d}"
        columns.append((name, (kept, missed, sum(by_status.values()) - kept - missed)))
    alt = "; ".join(f"{name}: {kept} kept, {missed} missed, {rest} neither" for name, (kept, missed, rest) in columns) + "."
    caption = "Month by month"
    return Chart(caption, f"{number} promises, as assessed for each month", alt, charts.stacked(columns, 130), charts.WIDTH, 130)


def _of_worst(worst: list[Row]) -> str:
    words = ("", "one", "two", "three", "four", "five")
    return words[min(len(worst), _WORST)]


def _worst(ask: Inquiry, row: Row, reason: int) -> WorstPromise:
    due = row["remedy_due"]
    late = (ask.today - due).days if due is not None and due < ask.today else 0
    when = f"{paper.short_day(due)}{f', {formats.days(late)} overdue' if late else ''}" if due is not None else ""
    return WorstPromise(
        row["clause_id"],
        clipped(labels.clause(row["promise"]), min(_CLAIM, reason + _ALWAYS)),
        verdicts.VERDICTS[row["status"]],
        _figure(row) if row["status"] == "missed" else formats.NULL,
        _target(row),
        formats.base(row) or formats.NULL,
        clipped(_reason(row), reason) if reason else "",
        clipped(labels.sentence(row["owner"] or labels.NO_OWNER), min(_CLAIM, reason + _ALWAYS)),
        when,
        bool(late),
    )


def _reason(row: Row) -> str:
    """The cause behind most findings of the period with their number, or why there is no verdict."""
    if row["status"] == "insufficient_evidence" or not row["findings"]:
        return labels.clause(row["reason"]) if row["reason"] else ""
    found = paper.plural(row["findings"], "finding")
    return f"{labels.clause(row['cause'])}: {formats.count(row['cause_findings'])} of {found}"


def _ages(ask: Inquiry) -> Ages:
    """Findings that are open at the end of the period, by severity and by the days since they were opened."""
    found = ask.rows(
        """
        select
            severity,
            count(*) filter (opened_at >= $at30)::bigint as to_30,
            count(*) filter (opened_at < $at30 and opened_at >= $at60)::bigint as to_60,
            count(*) filter (opened_at < $at60 and opened_at >= $at90)::bigint as to_90,
            count(*) filter (opened_at < $at90)::bigint as over_90,
            count(*) filter (opened_at is null)::bigint as undated
        from marts.rpt_finding_ages
        where opened_at is null or (opened_at < $ends and (closed_at is null or closed_at >= $ends))
        group by severity
        """,
        **{f"at{days}": ask.counted_at - timedelta(days=days) for days in (30, 60, 90)},
    )
    by_severity = {row["severity"]: row for row in found}
    names = ("to_30", "to_60", "to_90", "over_90")
    rows = []
    for code, word in statuses.SEVERITIES.items():
        row = by_severity.get(code, dict.fromkeys((*names, "undated"), 0))
        rows.append((word.cell, [row[name] for name in names]))
    undated = sum(row["undated"] for row in found)
    left = f"; {formats.count(undated)} without a date left out" if undated else ""
    day = paper.short_day(min(ask.last, ask.today))
    return _aged("Open findings by age", f"Days since they were opened, at {day}{left}", rows)


def _open_by_age(ask: Inquiry, groups: Remediations) -> Ages:
    """Open groups by severity and by the days since the first of their cases was seen."""
    limits = (30, 60, 90)

    def place(row: Row) -> int:
        days = (ask.as_of - row["first_seen_at"]).days if row["first_seen_at"] else 0
        return sum(days > limit for limit in limits)

    rows = [
        (word.cell, [sum(row["severity"] == code and place(row) == at for row in groups.open) for at in range(len(limits) + 1)])
        for code, word in statuses.SEVERITIES.items()
    ]
    left = f"; {len(groups.accepted)} accepted left out" if groups.accepted else ""
    return _aged("Open remediations by age", f"Groups, days since first seen, {paper.short_day(ask.today)}{left}", rows)


def _aged(title: str, note: str, rows: list[tuple[str, list[int]]]) -> Ages:
    sums = [sum(numbers[at] for _, numbers in rows) for at in range(len(rows[0][1]))]
    cells = tuple((name, *map(formats.count, numbers), formats.count(sum(numbers))) for name, numbers in (*rows, ("All", sums)))
    return Ages(title, note, ("Severity", "≤ 30", "31–60", "61–90", "> 90", "All"), cells)  # noqa: RUF001


def _accepted(ask: Inquiry, groups: Remediations) -> str:
    """What was accepted, which changes no verdict, and the exceptions of the period."""
    if not groups.is_recorded:
        return _exceptions(ask)
    ending = groups.ending(ask.today)
    days = ", ".join(dict.fromkeys(paper.short_day(row["accepted_until"]) for row in ending[:3]))
    cases = formats.plural(sum(row["cases"] for row in groups.accepted), "case")
    text = f"{paper.plural(len(groups.accepted), 'group')} with {cases} accepted"
    text += f"; {len(ending)} of the acceptances end within {SOON.days} days ({days})" if ending else ""
    return f"{text}. An acceptance changes no verdict. {_exceptions(ask).removeprefix(UNRECORDED).lstrip('.; ')}"


def _exceptions(ask: Inquiry) -> str:
    found = ask.rows("select last_day from marts.dim_exceptions where valid_from < $end and valid_to > $start order by last_day")
    if not found:
        return f"{UNRECORDED}. No exception was in force in the period."
    ends = f"the first ends on {paper.day(found[0]['last_day'])}"
    were = "exception was" if len(found) == 1 else "exceptions were"
    return f"{UNRECORDED}. {formats.count(len(found))} {were} in force in the period; {ends}. An exception changes no verdict."


def _quality(ask: Inquiry) -> str:
    rows = ask.row(
        "select coalesce(sum(read), 0)::bigint as read, coalesce(sum(landed), 0)::bigint as landed "
        "from marts.audit_sources where is_configured"
    )
    gates = ask.rows(
        """
        select log, bool_and(verdict = 'passed') as passed, bool_or(verdict = 'not_configured') as absent
        from marts.audit_source_verdicts group by log order by log
        """
    )
    passed = sum(bool(row["passed"]) for row in gates)
    failed = [row["log"].replace("_", " ") for row in gates if not row["passed"] and not row["absent"]]
    share = f" ({formats.rate(rows['landed'] / rows['read'])})" if rows["read"] else ""
    text = (
        f"{formats.count(rows['landed'])} of {formats.count(rows['read'])} rows read were landed{share}; {passed} of "
        f"{len(gates)} logs passed their source gate."
    )
    return text + (f" Promises that rest on {clipped(', '.join(failed), _CLAIM)} have no verdict." if failed else "")
