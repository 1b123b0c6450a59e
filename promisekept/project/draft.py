"""The first draft of a mapping, from the headers and the first rows of one file.

Here: which log a file belongs to, and the SQL for a wide file of requests, with every guess that a person has to confirm written
as a question. Not here: reading the file (sample.py), the other logs (event_draft.py), or validating rows; that is what landing
does. A draft never guesses what an outcome means: an unconfirmed status stays as it is and is quarantined by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from promisekept.errors import ConfigError
from promisekept.project.event_draft import draft_events
from promisekept.project.sample import Sample, date_format, guess_columns, own_words, read_sample
from promisekept.sources.contract import contract

_MOST_STATUSES = 30
_FULFILLED = re.compile(r"grant|fulfil|complete|resolved|closed|done|answered|provided", re.IGNORECASE)
_DENIED = re.compile(r"den(y|ied)|refus|reject|declin", re.IGNORECASE)
_UNDER_WAY = re.compile(r"\b(open|pending|in progress|on hold|waiting)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """A drafted source.

    Attributes:
        log: the log that the file belongs to.
        mapping: the SQL, with its open questions as comments; None where the file has the columns of the contract.
        reader: the settings of the reader that the file needs.
        formats: strptime formats of the time columns that are not ISO 8601.
    """

    log: str
    mapping: str | None
    reader: Mapping[str, str | int]
    formats: Mapping[str, str]


def draft_mapping(file: Path, log: str | None = None, sheet: str | None = None) -> Draft:
    """Draft a mapping for a file.

    Args:
        file: a CSV with a header, as a spreadsheet exports it, or a workbook.
        log: that it belongs to; guessed from its headers where none is named.
        sheet: of a workbook; needed where more than one has cells.

    Raises:
        ConfigError: the file is not there, can't be read or is empty, there is no such log, or its headers fit none, or several.
    """
    sample = read_sample(file, sheet)
    if log is not None and log not in contract():
        raise ConfigError(f"--log {log}: there is no such log.\n  Logs: {', '.join(contract())}")
    chosen = log or _guess_log(file, sample)
    if _is_contract(sample, chosen):
        return Draft(chosen, None, sample.reader, {})
    if chosen == "requests" and "event_type" not in sample.header:
        mapping, formats = _draft_requests(sample)
    else:
        mapping, formats = draft_events(sample, contract()[chosen])
    return Draft(chosen, mapping, sample.reader, formats)


def _guess_log(file: Path, sample: Sample) -> str:
    """The log of whose own words most are headers."""
    fits = {log: len(guess_columns(sample.header, log, ()).keys() & own_words(log)) for log in contract()}
    best = max(fits.values())
    found = [log for log, number in fits.items() if number == best]
    if best == 0 or len(found) > 1:
        raise ConfigError(
            f"{file}: its columns fit {'no log' if best == 0 else ' and '.join(found) + ' equally well'}.\n"
            f"  Its columns: {', '.join(sample.header)}\n  Name the log with --log: {', '.join(contract())}"
        )
    return found[0]


def _is_contract(sample: Sample, log: str) -> bool:
    """Whether it has the log's own columns, so that nothing is to be mapped."""
    return {column.name for column in contract()[log].columns if column.required} <= set(sample.header)


def _draft_requests(sample: Sample) -> tuple[str, dict[str, str]]:
    guesses = guess_columns(sample.header, "requests", ("subject_ref", "jurisdiction", "revision"))
    samples = {column: sample.values(name) for column, name in guesses.items()}
    _part_state_from_state(guesses, samples)
    formats = _formats(samples)
    return _sql(sample, guesses, samples, _questions(sample, guesses, samples, formats)), formats


def _part_state_from_state(guesses: dict[str, str], samples: dict[str, list[str]]) -> None:
    """A column called `State` may hold where a person lives or how a case stands; its values show which."""
    words = samples.get("jurisdiction", [])
    if "status" not in guesses and any(one.search(word) for one in (_FULFILLED, _DENIED, _UNDER_WAY) for word in words):
        guesses["status"], samples["status"] = guesses.pop("jurisdiction"), samples.pop("jurisdiction")


def _formats(samples: dict[str, list[str]]) -> dict[str, str]:
    formats: dict[str, str] = {}
    for column, target in (("received", "occurred_at"), ("closed", "occurred_at"), ("declared_due_at", "declared_due_at")):
        if form := date_format(samples.get(column, ())):
            formats.setdefault(target, form)
    return formats


def _questions(
    sample: Sample, guesses: dict[str, str], samples: dict[str, list[str]], formats: dict[str, str]
) -> tuple[str, ...]:
    questions = [
        f"Which column holds {meaning}? Without it every row is rejected. Columns: {', '.join(sample.header)}"
        for column, meaning in (("request_id", "the case number"), ("received", "the date of receipt"))
        if column not in guesses
    ]
    questions += [f'Is "{name}" {column.replace("_", " ")}?' for column, name in guesses.items()]
    if any("%m/%d" in form for form in formats.values()):
        questions.append("Dates were read month first (12/31/2026). Is that so? If not, change `formats` to %d/%m/%Y.")
    statuses = sorted(set(samples.get("status", [])))[:_MOST_STATUSES]
    questions += [f'What does the status "{status}" mean in law?' for status in statuses]
    if "closed" not in guesses:
        questions.append("No column looks like the day of the answer; without one every request counts as open.")
    elif "status" not in guesses:
        questions.append("Every case that was closed is taken as `fulfilled`. Which column, if any, records that one was denied?")
    if "right_type" not in guesses:
        questions.append("Every request is taken as `access`. Which column, if any, records the right?")
    if "subject_ref" not in guesses:
        questions.append("No column names the person; the case number stands in, so nothing can be matched between logs.")
    return tuple(questions)


def _sql(sample: Sample, guesses: dict[str, str], samples: dict[str, list[str]], questions: tuple[str, ...]) -> str:
    column = {name: sample.sql(header) for name, header in guesses.items()}
    case_id, received = column.get("request_id", "null::varchar"), column.get("received", "null::varchar")
    revision = "0" if "revision" not in column else f"coalesce(epoch_us(try_cast({column['revision']} as timestamp)), 0)"
    person = column.get("subject_ref", case_id)
    extras = [f"{column[name]} as {name}" for name in ("jurisdiction", "channel", "declared_due_at") if name in column]
    right = column.get("right_type", "'access'")
    lines = [
        "-- One row per case -> the event that opened it and the event that closed it.",
        "-- Drafted from the headers; confirm or fix each answer, then run `promisekept check`.",
        *(f"-- ? {question}" for question in questions),
        "select",
        f"    _row, {case_id} || ':received' as event_id, {revision} as revision, {case_id} as request_id,",
        f"    'received' as event_type, {received} as occurred_at, {person} as subject_ref,",
        f"    {right} as right_type, null as reason_code" + "".join(f",\n    {extra}" for extra in extras),
        "from source",
    ]
    if "closed" in column:
        nulls = "".join(f",\n    null as {name}" for name in ("jurisdiction", "channel", "declared_due_at") if name in column)
        event, reason = _outcome(column.get("status"), samples.get("status", []))
        lines += [
            "union all",
            "select",
            f"    _row, {case_id} || ':closed', {revision}, {case_id},",
            f"    {event}, {column['closed']}, null,",
            f"    {right}, {reason}" + nulls,
            "from source",
            f"where {column['closed']} <> ''",
        ]
    return "\n".join(lines) + "\n"


def _outcome(status: str | None, values: list[str]) -> tuple[str, str]:
    """The closing event and its reason; an unclear status passes through and is quarantined by its name."""
    if status is None:
        return "'fulfilled'", "null"
    arms, reasons = [], []
    for value in sorted(set(values))[:_MOST_STATUSES]:
        literal = "'" + value.replace("'", "''") + "'"
        if _DENIED.search(value):
            arms.append(f"when {literal} then 'denied'")
            reasons.append(f"when {literal} then 'other'")
        elif _FULFILLED.search(value):
            arms.append(f"when {literal} then 'fulfilled'")
    event = f"case {status} {' '.join(arms)} else {status} end" if arms else status
    return event, f"case {status} {' '.join(reasons)} end" if reasons else "null"
