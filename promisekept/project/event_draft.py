"""The first draft of a mapping for any log: rows that are events, and rows that hold the instants of several events.

Here: the SQL, and a question for everything that a person has to confirm. Not here: which log a file belongs to, or the outcome
of a request (draft.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from promisekept.config.own_dimensions import KINDS
from promisekept.project.proposals import is_us_state, propose
from promisekept.project.sample import Sample, Times, guess_dimensions, time_questions, times
from promisekept.sources.contract import Log, LogColumn

_MOST_VALUES = 30
AT = "at:"
OF_WIDE_FILES = ("received", "closed", "status")
"""What a row per case has of a request; a row per event has a type and an instant."""
_GROUPED = r"[0-9]{1,3}([.,'' ][0-9]{3})*|[0-9]+"
_YES = ("yes", "y", "ja", "oui", "si", "sí", "x")
_NO = ("no", "n", "nein", "non")
BUILT = frozenset({"event_id", "revision", "occurred_at", "event_type", "subject_ref_type", "other_ref_type"})
"""Columns that have a way of their own into the mapping, or a default of the source."""


@dataclass(frozen=True)
class _Event:
    """One event of a row: its type and its instant as SQL, and when the row has it."""

    kind: str
    occurred_at: str
    where: str | None = None


def draft_events(sample: Sample, log: Log) -> tuple[str, dict[str, str]]:
    """Draft the mapping of a file for a log.

    Returns:
        The SQL with its questions, and the strptime formats of the time columns that are not ISO 8601.
    """
    draft = _Draft(sample, log)
    return draft.sql(), draft.formats()


class _Draft:
    def __init__(self, sample: Sample, log: Log) -> None:
        self._sample, self._log = sample, log
        self._guesses = sample.guesses(log.name, log.names, OF_WIDE_FILES)
        self._times = dict(self._found_times())
        self._questions = [
            f'Is "{name}" {meaning(column)}?' for column, name in self._guesses.items() if column not in sample.answers.columns
        ]
        self._questions += [*due_date_questions(self._guesses), *dimension_questions(sample, log.name, self._guesses)]
        self._columns = dict(self._selected())
        self._events = list(self._found_events())

    def sql(self) -> str:
        lines = [
            f"-- Rows of the file -> events of the log {self._log.name}.",
            "-- Drafted from the headers; confirm or fix each answer, then run `promisekept check`.",
        ]
        selects = [self._select(event, is_first=position == 0) for position, event in enumerate(self._events)]
        if any("md5(" in select for select in selects):
            self._questions.append(
                "Ids of events are hashes of rows: a row that changes becomes another event. Which column, if any, is an id?"
            )
        self._questions = [*self._sample.questions, *self._questions, *time_questions(self._sample, self._times.values())]
        return "\n".join([*lines, *(f"-- ? {one}" for one in self._questions), "\nunion all\n".join(selects)]) + "\n"

    def formats(self) -> dict[str, str]:
        return {column: form for column, one in self._times.items() if (form := one.only)}

    def _found_times(self) -> Iterator[tuple[str, Times]]:
        """How the times of each column of the contract are written; those of several events become one column."""
        targets = {"occurred_at": [name for column, name in self._guesses.items() if column.startswith(AT)]}
        for column in self._log.columns:
            if column.kind == "instant" and column.name in self._guesses:
                targets.setdefault(column.name, []).append(self._guesses[column.name])
        yield from ((column, times(self._sample, names)) for column, names in targets.items() if names)

    def _found_events(self) -> Iterator[_Event]:
        instant = self._value("occurred_at")
        if "event_type" not in self._log.names:
            yield _Event("", instant or self._asked("Which column holds the instant of the event?"))
            return
        beginnings = [one for one in self._log.column("event_type").codes if AT + one in self._guesses]
        if beginnings:
            for kind in beginnings:
                at = self._sample.sql(self._guesses[AT + kind])
                yield _Event(f"'{kind}'", self._times["occurred_at"].sql(at), f"{at} <> ''")
            return
        if "event_type" in self._guesses:
            kind = self._code(self._log.column("event_type"))
        else:
            kind = f"'{_FIRST[self._log.name]}'"
            self._questions.append(f"Every row is taken as {kind}. Which column, if any, records the type of the event?")
        yield _Event(kind, instant or self._asked("Which column holds the instant of the event?"))

    def _selected(self) -> Iterator[tuple[str, str]]:
        """The columns of the contract that are in the file or have to be."""
        for column in self._log.columns:
            if column.name in BUILT:
                continue
            if column.name in self._guesses:
                is_code = column.codes or column.name == "jurisdiction"
                yield column.name, self._code(column) if is_code else str(self._value(column.name))
            elif column.required or self._is_needed(column):
                yield column.name, self._missing(column)

    def _is_needed(self, column: LogColumn) -> bool:
        """Whether an event of the file may need it: of a file that names no types, any."""
        kinds = {one.removeprefix(AT) for one in self._guesses if one.startswith(AT)}
        return any(name != "event_type" or not kinds or kinds & set(values) for name, values in column.required_on)

    def _missing(self, column: LogColumn) -> str:
        if column.kind == "integer" and column.name == "record_count":
            self._questions.append("Every row is taken as one record. Which column, if any, holds how many there are?")
            return "1"
        if column.name == "right_type":
            self._questions.append("Every request is taken as `access`. Which column, if any, records the right?")
            return "'access'"
        if "unknown" in column.codes:
            self._questions.append(f"Nothing records {column.name}, which is taken as `unknown`: {_listed(column)}?")
            return "'unknown'"
        needed = "Rows without it are rejected." if column.required else "Some rows are rejected without it."
        return self._asked(f"Which column holds {column.name}{f' ({_listed(column)})' if column.codes else ''}? {needed}")

    def _asked(self, question: str) -> str:
        self._questions.append(f"{question} Columns: {', '.join(self._sample.header)}")
        return "null::varchar"

    def _value(self, column: str) -> str | None:
        if column not in self._guesses:
            return None
        name, sql = self._guesses[column], self._sample.sql(self._guesses[column])
        if column in self._times:
            return self._times[column].sql(sql)
        values = self._sample.values(name)
        match self._log.column(column).kind:
            case "integer" if any(not value.isdigit() for value in values):
                self._questions.append(
                    f'"{name}" is read as a whole number: 1.234 and 1,234 are 1234, and 12,0 is 12. Is that so?'
                )
                whole = f"regexp_replace({sql}, '[.,]0{{1,2}}$', '')"
                digits = f"regexp_replace({whole}, '[^0-9]', '', 'g')"
                return f"case when regexp_full_match({whole}, '{_GROUPED}') then {digits} else {sql} end"
            case "list" if any("," in value or "|" in value for value in values) and not any(";" in value for value in values):
                self._questions.append(f'"{name}" is read as a list that commas or bars part. Is that so?')
                return f"regexp_replace({sql}, ' *[,|] *', ';', 'g')"
            case "boolean" if any(value.casefold() in _YES or value.casefold() in _NO for value in values):
                self._questions.append(f'"{name}" is read as yes or no. Is that so?')
                return f"case when lower({sql}) in {_YES} then 'true' when lower({sql}) in {_NO} then 'false' else {sql} end"
        return sql

    def _code(self, column: LogColumn) -> str:
        """A code, with proposals for words that stand for one; other words pass and are quarantined under their own name."""
        name = self._guesses[column.name]
        values = self._sample.values(name)
        sql, arms, questions = coded(self._sample, name, column.name, column.codes)
        self._questions += questions
        if column.name == "jurisdiction" and is_us_state(name, values):
            if "jurisdiction" not in self._sample.answers.columns:
                self._questions.append(f'Is "{name}" a state of the United States?')
            return f"'US-' || {sql}"
        return f"case {sql} {' '.join(arms)} else {sql} end" if arms else sql

    def _event_id(self, event: _Event) -> str:
        """Stable: the file's own id, else what identifies the life, else a hash of the row; and the type of the event.

        A person is no part of it: ids are published, persons are not.
        """
        kind = [event.kind] if event.kind and (event.where or "event_id" not in self._guesses) else []
        life = [name for name in self._log.life if name != "namespace"]
        if "event_id" in self._guesses:
            parts = [self._sample.sql(self._guesses["event_id"])]
        elif event.kind and life and all(name in self._columns for name in life):
            parts = [*(self._columns[name] for name in life), *([] if event.where else [event.occurred_at])]
        else:
            parts = [f"md5(concat_ws('|', {', '.join(map(self._sample.sql, self._sample.header))}))"]
        return " || ':' || ".join([*parts, *kind])

    def _select(self, event: _Event, *, is_first: bool) -> str:
        cells = {"event_id": self._event_id(event), "occurred_at": event.occurred_at}
        if event.kind:
            cells["event_type"] = event.kind
        cells |= self._columns
        shown = [f"    {sql} as {name}" if is_first else f"    {sql}" for name, sql in cells.items()]
        where = [f"where {event.where}"] if event.where else []
        return "\n".join(["select", "    _row,", ",\n".join(shown), "from source", *where])


_FIRST = {"consents": "given", "retention": "created", "incidents": "detected", "policies": "published", "requests": "received"}
"""What a row of a log is taken as whose file names no type of event."""


def meaning(column: str) -> str:
    """What a column of a draft holds, in words."""
    return f"the instant of `{column.removeprefix(AT)}`" if column.startswith(AT) else column


def _listed(column: LogColumn) -> str:
    return ", ".join(column.codes)


def due_date_questions(guesses: Collection[str]) -> list[str]:
    """Due dates of the source itself decide only where the configuration states it."""
    if "declared_due_at" not in guesses:
        return []
    return [
        "The file states due dates. Without an answer the law's periods count; if its own do, add `regime_code: DECLARED` to"
        " `defaults` of the source."
    ]


def dimension_questions(sample: Sample, log: str, guesses: Mapping[str, str]) -> list[str]:
    """A department or a brand is counted by only where the configuration declares it."""
    if log not in KINDS:
        return []
    return [
        f'Should figures be counted by "{header}" too? Then select it as `{name}` and add to promisekept.yml'
        f" `dimensions: {_flow({KINDS[log]: {name: {'title': header}}})}`."
        for name, header in guess_dimensions(sample.header, guesses.values()).items()
    ]


def _flow(value: object) -> str:
    """YAML on one line."""
    return str(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000)).strip()


def words(sample: Sample, name: str, codes: Sequence[str]) -> list[str]:
    """The first words of a column of codes, each once."""
    return sorted(set(sample.values(name, codes)))[:_MOST_VALUES]


def coded(sample: Sample, name: str, column: str, codes: Sequence[str]) -> tuple[str, list[str], list[str]]:
    """A column of codes: its SQL, an arm of a `case` for each word that stands for a code, and what has to be confirmed."""
    arms, questions = [], []
    for value in words(sample, name, codes):
        if value in codes:
            continue
        if (column, value) in sample.answers.codes:
            code = sample.answers.codes[column, value]
            arms += [f"when {_literal(value)} then '{code}'"] if code else []
        elif likely := propose(column, value, codes):
            arms.append(f"when {_literal(value)} then '{likely}'")
            questions.append(f'Is "{value}" of {column} {likely}?')
        elif codes:
            questions.append(f'What is "{value}" of {column}: {", ".join(codes)}?')
    return sample.sql(name, codes), arms, questions


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
