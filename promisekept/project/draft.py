"""The first draft of a mapping, from the headers and the first rows of one file.

Here: which log a file belongs to, and the SQL for a wide file of requests, with every guess that a person has to confirm written
as a question. Not here: reading the file (sample.py), the other logs (event_draft.py), or validating rows; that is what landing
does. A draft never guesses what an outcome means: an unconfirmed status stays as it is and is quarantined by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promisekept.errors import ConfigError
from promisekept.project.event_draft import coded, dimension_questions, draft_events, due_date_questions
from promisekept.project.proposals import is_us_state, propose
from promisekept.project.sample import Answers, Sample, Times, guess_columns, own_words, read_sample, time_questions, times
from promisekept.sources.contract import contract

_MOST_STATUSES = 30
OF_REQUESTS = ("subject_ref", "jurisdiction", "revision")
"""What a row per case may hold of a request beside its own columns (header_words.csv)."""
CODED = ("right_type", "channel", "jurisdiction")
ENDS = ("fulfilled", "partially_fulfilled", "denied", "withdrawn")
_REASONED = ("partially_fulfilled", "denied")
_REASONS = ("identity_not_verified", "exempt", "manifestly_unfounded", "excessive", "no_data")
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


def draft_mapping(file: Path, log: str | None = None, sheet: str | None = None, answers: Answers | None = None) -> Draft:
    """Draft a mapping for a file.

    Args:
        file: a CSV with a header, as a spreadsheet exports it, or a workbook.
        log: that it belongs to; guessed from its headers where none is named.
        sheet: of a workbook; needed where more than one has cells.
        answers: what a person has confirmed; it is asked no more.

    Raises:
        ConfigError: the file is not there, can't be read or is empty, there is no such log, or its headers fit none, or several.
    """
    sample = replace(read_sample(file, sheet), answers=answers or Answers())
    if log is not None and log not in contract():
        raise ConfigError(f"--log {log}: there is no such log.\n  Logs: {', '.join(contract())}")
    chosen = log or guess_log(file, sample)
    if is_contract(sample, chosen):
        return Draft(chosen, None, sample.reader, {})
    if chosen == "requests" and not is_event_log(sample):
        mapping, formats = _draft_requests(sample)
    else:
        mapping, formats = draft_events(sample, contract()[chosen])
    return Draft(chosen, mapping, sample.reader, formats)


def guess_log(file: Path, sample: Sample) -> str:
    """The log of whose own words most are headers.

    Raises:
        ConfigError: none, or several.
    """
    fits = {log: len(guess_columns(sample.header, log, ()).keys() & {*own_words(log)}) for log in contract()}
    best = max(fits.values())
    found = [log for log, number in fits.items() if number == best]
    if best == 0 or len(found) > 1:
        raise ConfigError(
            f"{file}: its columns fit {'no log' if best == 0 else ' and '.join(found) + ' equally well'}.\n"
            f"  Its columns: {', '.join(sample.header)}\n  Name the log with --log: {', '.join(contract())}"
        )
    return found[0]


def is_contract(sample: Sample, log: str) -> bool:
    """Whether it has the log's own columns, so that nothing is to be mapped."""
    return {column.name for column in contract()[log].columns if column.required} <= set(sample.header)


def is_event_log(sample: Sample) -> bool:
    """Whether a row of requests is an event: it names its type, and cases have several."""
    guesses = guess_columns(sample.header, "requests", ("event_type", "occurred_at"), without=("status", "received", "closed"))
    if "event_type" in sample.header or not {"event_type", "occurred_at", "request_id"} <= guesses.keys():
        return "event_type" in sample.header
    cases = sample.values(guesses["request_id"])
    return len(set(cases)) < len(cases)


def _draft_requests(sample: Sample) -> tuple[str, dict[str, str]]:
    guesses = sample.guesses("requests", OF_REQUESTS)
    samples = {column: sample.values(name) for column, name in guesses.items()}
    if "status" not in sample.answers.columns and "jurisdiction" not in sample.answers.columns:
        _part_state_from_state(guesses, samples)
    timed = _times(sample, guesses)
    formats = {column: form for column, one in timed.items() if column != "revision" and (form := one.only)}
    questions = [*sample.questions, *_questions(sample, guesses, samples), *time_questions(sample, timed.values())]
    columns = _columns(sample, guesses, timed, questions)
    return _sql(sample, guesses, columns, questions), formats


def _part_state_from_state(guesses: dict[str, str], samples: dict[str, list[str]]) -> None:
    """A column called `State` may hold where a person lives or how a case stands; its values show which."""
    words = samples.get("jurisdiction", [])
    if "status" not in guesses and any(propose("event_type", word, ENDS) or _UNDER_WAY.search(word) for word in words):
        guesses["status"], samples["status"] = guesses.pop("jurisdiction"), samples.pop("jurisdiction")


def _times(sample: Sample, guesses: Mapping[str, str]) -> dict[str, Times]:
    """How the times of each column of the contract are written; both dates of a case become one column."""
    several = {"occurred_at": ("received", "closed"), "declared_due_at": ("declared_due_at",), "revision": ("revision",)}
    named = {target: [guesses[one] for one in columns if one in guesses] for target, columns in several.items()}
    return {target: times(sample, names) for target, names in named.items() if names}


def _columns(sample: Sample, guesses: Mapping[str, str], timed: Mapping[str, Times], questions: list[str]) -> dict[str, str]:
    """Each column that was guessed as SQL; what has to be confirmed of its words joins the questions."""
    columns = {name: sample.sql(header) for name, header in guesses.items()}
    targets = {"received": "occurred_at", "closed": "occurred_at", "declared_due_at": "declared_due_at"}
    columns |= {name: timed[target].sql(columns[name]) for name, target in targets.items() if name in columns}
    if "revision" in columns:
        at = f"try_cast({columns['revision']} as timestamp)"
        if formats := timed["revision"].formats:
            at = f"coalesce(try_strptime({columns['revision']}, [{', '.join(map(_literal, formats))}]), {at})"
        columns["revision"] = f"coalesce(epoch_us({at}), 0)"
    for name in CODED:
        if name in guesses:
            codes = contract()["requests"].column(name).codes
            sql, arms, asked = coded(sample, guesses[name], name, codes)
            questions += asked
            columns[name] = f"case {sql} {' '.join(arms)} else {sql} end" if arms else sql
    if "jurisdiction" in guesses and is_us_state(guesses["jurisdiction"], set(sample.values(guesses["jurisdiction"]))):
        if "jurisdiction" not in sample.answers.columns:
            questions.append(f'Is "{guesses["jurisdiction"]}" a state of the United States?')
        columns["jurisdiction"] = f"'US-' || {sample.sql(guesses['jurisdiction'])}"
    return columns


def _questions(sample: Sample, guesses: dict[str, str], samples: dict[str, list[str]]) -> Sequence[str]:
    questions = [
        f"Which column holds {meaning}? Without it every row is rejected. Columns: {', '.join(sample.header)}"
        for column, meaning in (("request_id", "the case number"), ("received", "the date of receipt"))
        if column not in guesses
    ]
    confirmed = sample.answers
    questions += [
        f'Is "{name}" {column.replace("_", " ")}?' for column, name in guesses.items() if column not in confirmed.columns
    ]
    statuses = sorted(set(samples.get("status", [])))[:_MOST_STATUSES]
    questions += [
        f'What does the status "{status}" mean in law?' for status in statuses if ("event_type", status) not in confirmed.codes
    ]
    questions += [*due_date_questions(guesses), *dimension_questions(sample, "requests", guesses)]
    if "closed" not in guesses:
        questions.append("No column looks like the day of the answer; without one every request counts as open.")
    elif "status" not in guesses:
        questions.append("Every case that was closed is taken as `fulfilled`. Which column, if any, records that one was denied?")
    if "right_type" not in guesses:
        questions.append("Every request is taken as `access`. Which column, if any, records the right?")
    if "subject_ref" not in guesses:
        questions.append("No column names the person; the case number stands in, so nothing can be matched between logs.")
    return questions


def _sql(sample: Sample, guesses: Mapping[str, str], column: Mapping[str, str], questions: Sequence[str]) -> str:
    case_id, received = column.get("request_id", "null::varchar"), column.get("received", "null::varchar")
    revision, person, right = (
        column.get("revision", "0"),
        column.get("subject_ref", case_id),
        column.get("right_type", "'access'"),
    )
    extras = [f"{column[name]} as {name}" for name in ("jurisdiction", "channel", "declared_due_at") if name in column]
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
        event, reason = _outcome(sample, guesses.get("status"))
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


def _outcome(sample: Sample, name: str | None) -> tuple[str, str]:
    """The closing event and its reason; an unclear status passes through and is quarantined by its name."""
    if name is None:
        return "'fulfilled'", "null"
    status = sample.sql(name)
    found = {
        value: sample.answers.codes.get(("event_type", value)) or propose("event_type", value, ENDS)
        for value in sorted(set(sample.values(name)))[:_MOST_STATUSES]
        if sample.answers.codes.get(("event_type", value)) != ""
    }
    arms = [f"when {_literal(value)} then '{code}'" for value, code in found.items() if code]
    reasons = [
        f"when {_literal(value)} then '{propose('reason_code', value, _REASONS) or 'other'}'"
        for value, code in found.items()
        if code in _REASONED
    ]
    event = f"case {status} {' '.join(arms)} else {status} end" if arms else status
    return event, f"case {status} {' '.join(reasons)} end" if reasons else "null"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
