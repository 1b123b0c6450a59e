"""The digest of a week or a month: what is due, what changed, what is overdue, as text and as plain HTML tables.

Here: one digest of one snapshot, compared with an earlier one. Not here: who gets it (subscriptions.py) or sending it
(digests.py). It holds counts and references and no pseudonym; its links need the reader's sign-in.
"""

from __future__ import annotations

import html
import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from promisekept.assessment.changes import assess, changed_verdicts
from promisekept.assessment.remediations import SOON, UNRECORDED, Remediations, remediations
from promisekept.monitoring.subscriptions import Every
from promisekept.presentation import formats, labels, periods, statuses
from promisekept.publishing.reader import Row, SnapshotReader, rows

_MOST = 10
"""How many rows a section names."""
_CELL = "padding:7px 0;border-top:1px solid #d3d8df;vertical-align:top"
_BIG = "font-size:24px;font-weight:600"
_GREY = "color:#4b5563;font-size:13px"


@dataclass(frozen=True, slots=True)
class DigestPeriod:
    """A week from Monday or a month of local dates that is over; `end` is the first day after it."""

    code: str
    start: date
    end: date

    @property
    def label(self) -> str:
        """`week to 27 Sep 2026`, `September 2026`."""
        if (self.end - self.start).days == 7:
            return f"week to {formats.day(self.end - timedelta(days=1))}"
        return f"{self.start:%B %Y}"


def last_window(every: Every, today: date) -> DigestPeriod:
    """The last week or month that is over on a day."""
    if every == "weekly":
        end = today - timedelta(days=today.weekday())
        start = end - timedelta(days=7)
        year, week, _ = start.isocalendar()
        return DigestPeriod(f"{year}-W{week:02d}", start, end)
    end = today.replace(day=1)
    start = (end - timedelta(days=1)).replace(day=1)
    return DigestPeriod(f"{start:%Y-%m}", start, end)


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One row of a section: what, more about it, when or how much, and the path of the page that shows it, with its verb."""

    what: str
    more: str = ""
    at: str = ""
    path: str = ""
    verb: str = "Open"


_UNKNOWN = DigestRow("No snapshot from before is kept, so there is nothing to compare with")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its rows."""

    title: str
    lines: tuple[DigestRow, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What one channel is given; `to` are recipients instead of the channel's own. `sent_at` is UTC."""

    organisation: str
    subject: str
    figures: tuple[DigestRow, ...]
    sections: tuple[Section, ...]
    foot: str
    link: str | None
    window: str
    snapshot: str
    sent_at: str
    to: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """For people, without any markup."""
        lines = [self.subject, ""]
        lines += [f"{one.at:>8}  {one.what}{f' ({one.more})' if one.more else ''}" for one in self.figures]
        for section in self.sections:
            lines += ["", section.title]
            for one in section.lines:
                lines.append(f"- {one.what}{f': {one.at}' if one.at else ''}")
                lines += [f"  {one.more}"] if one.more else []
                lines += [f"  {self.link}{one.path}"] if self.link and one.path else []
        return "\n".join([*lines, "", *([self.link] if self.link else []), self.foot])

    @property
    def html(self) -> str:
        """For a mail program: tables and inline styles, nothing that is fetched."""
        figures = "".join(
            f'<td style="padding:8px 14px 8px 0;vertical-align:top"><div style="{_BIG}">{_safe(one.at)}</div>'
            f'{_safe(one.what)}<div style="{_GREY}">{_safe(one.more)}</div></td>'
            for one in self.figures
        )
        sections = "".join(
            f'<h2 style="font-size:16px;margin:24px 0 6px">{_safe(section.title)}</h2>'
            f'<table role="presentation" width="100%" cellspacing="0">{"".join(map(self._drawn, section.lines))}</table>'
            for section in self.sections
        )
        link = f'<p><a href="{_safe(self.link)}">Open the overview</a></p>' if self.link else ""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{_safe(self.subject)}</title></head>"
            '<body style="margin:0;padding:24px;max-width:640px;font:15px/1.45 sans-serif;color:#1c2430">'
            f'<h1 style="font-size:18px;margin:0 0 14px">{_safe(self.subject)}</h1>'
            '<table role="presentation" width="100%" cellspacing="0" style="border-top:2px solid #1c2430;'
            f'border-bottom:1px solid #d3d8df"><tr>{figures}</tr></table>{sections}{link}'
            f'<p style="{_GREY};border-top:1px solid #d3d8df;padding-top:12px">{_safe(self.foot)}</p></body></html>'
        )

    def _drawn(self, line: DigestRow) -> str:
        more = f'<div style="{_GREY}">{_safe(line.more)}</div>' if line.more else ""
        opens = f'<a href="{_safe(self.link + line.path)}">{_safe(line.verb)}</a>' if self.link and line.path else ""
        at = " · ".join(part for part in (_safe(line.at), opens) if part)
        right = f'<td align="right" style="{_CELL};white-space:nowrap;padding-left:12px">{at}</td>'
        return f'<tr><td style="{_CELL}">{_safe(line.what)}{more}</td>{right}</tr>'

    @property
    def body(self) -> bytes:
        """For programs; the same whenever it is sent, so that a receiver recognises a repetition."""
        payload = {
            "version": 1,
            "kind": "digest",
            "organisation": self.organisation,
            "window": self.window,
            "snapshot": self.snapshot,
            "to": list(self.to),
            "subject": self.subject,
            "text": self.text,
        }
        return json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()


def _safe(text: str) -> str:
    return html.escape(text)


def build_digest(
    reader: SnapshotReader, base: SnapshotReader | None, window: DigestPeriod, link: str | None, sent_at: str
) -> Digest:
    """The digest of a window.

    Args:
        reader: the snapshot, open.
        base: the newest snapshot that was as of the window's start or earlier; None where none is kept.
        window: which week or month.
        link: the dashboard's address, without a path.
        sent_at: UTC, ISO 8601.
    """
    manifest = reader.manifest
    zone = str(manifest["time_zone"])
    today = local_day(reader)
    groups = remediations(reader.cursor())
    due, overdue, number, first = _requests(reader)
    promises, changes = _verdicts(reader, base, zone, today)
    kept, missed = sum(promises[code] for code in statuses.KEPT), promises["missed"]
    unknown = sum(promises[code] for code in statuses.NOT_ASSESSABLE)
    parts = [formats.plural(overdue, "request") + " overdue"] if overdue else []
    parts += [formats.plural(len(groups.overdue), "remediation") + " overdue"] if groups.overdue else []
    parts += [formats.plural(len(changes), "verdict") + " changed"] if changes else []
    figures = (
        DigestRow("Requests due soon", f"of {formats.count(number)} open", formats.count(due)),
        DigestRow("Requests overdue", f"of {formats.count(number)} open", formats.count(overdue)),
        DigestRow(
            "Remediations overdue",
            f"of {formats.count(len(groups.open))} open" if groups.is_recorded else UNRECORDED.lower(),
            formats.count(len(groups.overdue)) if groups.is_recorded else formats.NULL,
        ),
        DigestRow("Promises kept", f"{missed} missed, {unknown} not assessable", f"{kept} of {promises.total()}"),
    )
    soon = groups.due(today, today + (window.end - window.start))
    due_lines = [_requests_row(due, first)] if due and first else []
    sections = (
        Section("Due next", (*due_lines, *(_group(row, formats.day(row["due_date"])) for row in soon[:_MOST]))),
        Section(
            f"What changed since snapshot {base.id}" if base else "What changed",
            (*changes, *_moved(groups, remediations(base.cursor()))) if base else (_UNKNOWN,),
        ),
        Section("Overdue remediations", tuple(_late(row) for row in groups.overdue[:_MOST])),
        Section(
            f"Acceptances that end within {SOON.days} days",
            tuple(_group(row, formats.day(row["accepted_until"])) for row in groups.ending(today)[:_MOST]),
        ),
    )
    passed, declared = reader.quality["passed"], reader.quality["declared"]
    as_of = formats.instant(datetime.fromisoformat(manifest["as_of"]), zone)
    return Digest(
        organisation=str(manifest["organisation"]),
        subject=f"Privacy promises, {window.label}: {', '.join(parts) or 'nothing to report'}",
        figures=figures,
        sections=tuple(section for section in sections if section.lines),
        foot=(
            f"Snapshot {reader.id}, as of {as_of}; gate passed, {formats.out_of(passed, declared)} checks. This message holds "
            "counts and references, no personal data; links need your sign-in. Change or end it on the overview, under Digest."
        ),
        link=link.rstrip("/") if link else None,
        window=window.code,
        snapshot=reader.id,
        sent_at=sent_at,
    )


def local_day(reader: SnapshotReader) -> date:
    """The local date of the last instant up to which events count."""
    at = datetime.fromisoformat(reader.manifest["as_of"]) - timedelta(microseconds=1)
    return at.astimezone(ZoneInfo(reader.manifest["time_zone"])).date()


def covers(reader: SnapshotReader, window: DigestPeriod) -> bool:
    """Whether the snapshot reaches the end of the window; a minute less is the end of its last day."""
    end = datetime.combine(window.end, time(), ZoneInfo(reader.manifest["time_zone"])).astimezone(UTC)
    return datetime.fromisoformat(reader.manifest["as_of"]) >= end - timedelta(minutes=1)


def _requests(reader: SnapshotReader) -> tuple[int, int, int, date | None]:
    (row,) = rows(
        reader.cursor(),
        """
        select
            count(*) filter (due_soon)::bigint as due, count(*) filter (status = 'open_overdue')::bigint as overdue,
            count(*)::bigint as open, min(due_date) filter (due_soon) as first
        from marts.fct_requests
        where closed_date is null and status not in ('excluded', 'closed_on_time', 'closed_late')
        """,
    )
    return row["due"], row["overdue"], row["open"], row["first"]


def _verdicts(
    reader: SnapshotReader, base: SnapshotReader | None, zone: str, today: date
) -> tuple[Counter[str], list[DigestRow]]:
    """How many promises have each verdict in the running quarter, and which differ from those of the earlier snapshot."""
    period = periods.containing(today, "quarter")
    now = assess(reader.cursor(), zone, period, f"snapshot {reader.id}")
    counted = Counter(str(row["status"]) for row in now.promises)
    if base is None:
        return counted, []
    before = assess(base.cursor(), zone, period, f"snapshot {base.id}")
    return counted, [
        DigestRow(
            f"{change.clause_id}: {_word(change.pair.before)} → {_word(change.pair.after)}",
            change.sentence,
            statuses.CHANGES[change.kind].text,
            f"/compare?{urlencode({'mode': 'snapshots', 'base': base.id, 'with': reader.id})}",
            "Compare",
        )
        for change in changed_verdicts(before, now, same_period=True)
    ]


def _word(row: Row) -> str:
    return statuses.VERDICTS[row["status"]].text


def _requests_row(due: int, first: date) -> DigestRow:
    return DigestRow(f"{formats.plural(due, 'request')} due soon", at=f"first on {formats.day(first)}", path="/requests?list=due")


def _moved(now: Remediations, before: Remediations) -> list[DigestRow]:
    """The groups of findings that were not there before, and those that were resolved since."""
    earlier = {row["group_key"]: row for row in before.groups}
    new = [row for row in now.open if row["group_key"] not in earlier]
    resolved = [row for row in now.resolved if row["group_key"] in earlier and earlier[row["group_key"]]["state"] != row["state"]]
    return [
        *(replace(_group(row, "New"), verb="Assign") for row in new[:_MOST]),
        *_others(len(new), "new", "/findings?state=unassigned"),
        # A group without a case left has no words of its own any more.
        *(_group(row | {"word": row["word"] or earlier[row["group_key"]]["word"]}, "Resolved") for row in resolved[:_MOST]),
        *_others(len(resolved), "resolved", "/findings?state=resolved"),
    ]


def _others(number: int, kind: str, path: str) -> list[DigestRow]:
    left = number - _MOST
    return [DigestRow(f"and {formats.plural(left, f'more {kind} group')}", path=path)] if left > 0 else []


def _group(row: Row, at: str) -> DigestRow:
    against = f"{', '.join(row['clauses'])} " if row["clauses"] else ""
    what = f"{against}{row['word']} · {formats.plural(row['cases'], 'case')}"
    return DigestRow(what, row["owner"] or labels.NO_OWNER, at, f"/findings?{urlencode({'group': row['group_key']})}")


def _late(row: Row) -> DigestRow:
    line = _group(row, f"▲ {formats.days(row['overdue_days'])}")
    return replace(line, more=f"{line.more}, due {formats.day(row['due_date'])}")
