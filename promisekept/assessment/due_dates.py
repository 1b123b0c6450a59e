"""Due dates as a calendar file (RFC 5545): open requests and assigned remediations, each a whole day.

Here: which dates, and the file's form. Not here: when something is due (the marts derive it). It names requests and promises by
their references and no person; the same snapshot gives the same bytes, and an event keeps its UID from snapshot to snapshot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from promisekept.assessment.remediations import remediations
from promisekept.presentation import formats, labels
from promisekept.publishing.reader import SnapshotReader, rows

NAME = "due-dates.ics"
_OCTETS = 75
_OVERDUE = " (overdue)"


@dataclass(frozen=True, slots=True)
class DueDate:
    """One day in the calendar; `key` is that of the request or of the group of findings."""

    key: str
    day: date
    summary: str
    description: str


def due_dates(reader: SnapshotReader) -> list[DueDate]:
    """Every due date of a snapshot, the first first."""
    return sorted((*_requests(reader), *_remediations(reader)), key=lambda one: (one.day, one.key))


def _requests(reader: SnapshotReader) -> Iterator[DueDate]:
    found = rows(
        reader.cursor(),
        """
        select request_key, request_id, right_type, jurisdiction, regime_code, status, due_date from marts.fct_requests
        where status in ('open_in_time', 'open_overdue') and due_date is not null
        """,
    )
    for row in found:
        late = _OVERDUE if row["status"] == "open_overdue" else ""
        law = f"{labels.regime(row['regime_code'])}, {labels.jurisdiction(row['jurisdiction'])}"
        summary = f"{labels.label(labels.RIGHTS, row['right_type'])} request {row['request_id']} is due{late}"
        yield DueDate(f"request/{row['request_key']}", row["due_date"], summary, law)


def _remediations(reader: SnapshotReader) -> Iterator[DueDate]:
    for row in remediations(reader.cursor()).groups:
        if row["state"] in ("assigned", "overdue"):
            late = _OVERDUE if row["state"] == "overdue" else ""
            against = f"{', '.join(row['clauses'])}: " if row["clauses"] else ""
            owner = row["owner"] or labels.NO_OWNER
            yield DueDate(
                f"remediation/{row['group_key']}",
                row["due_date"],
                f"Remediation due{late}: {against}{row['word']}",
                f"{formats.plural(row['cases'], 'case')}; {owner}",
            )


def calendar_file(reader: SnapshotReader) -> bytes:
    """The file, dated by the snapshot's as_of."""
    manifest = reader.manifest
    stamp = datetime.fromisoformat(manifest["as_of"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//promisekept//due dates//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text('Due dates, ' + manifest['organisation'])}",
        f"X-WR-CALNAME:{_text('Due dates, ' + manifest['organisation'])}",
    ]
    for one in due_dates(reader):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{hashlib.sha256(one.key.encode()).hexdigest()[:32]}@promisekept.invalid",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(one.summary)}",
            f"DESCRIPTION:{_text(f'{one.description}. Snapshot {reader.id}')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(_folded(line) for line in (*lines, "END:VCALENDAR")).encode()


def _text(value: str) -> str:
    """A value of type TEXT (3.3.11): of one line, what has a meaning in the file escaped."""
    flat = " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())
    return flat.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> str:
    """A content line (3.1): at most 75 octets, no letter cut, the rest on lines that begin with a blank."""
    parts, part, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _OCTETS:
            parts.append(part)
            part, size = " ", 1
        part, size = part + letter, size + octets
    return "\r\n".join((*parts, part)) + "\r\n"
