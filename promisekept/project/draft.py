"""The first draft of a mapping, guessed from the headers and the first rows of one wide file.

Here: which header probably means what (header_words.csv), and the SQL that follows, with every guess that a person
has to confirm written as a question. Not here: reading at scale or validating rows; that is what landing does. A draft
never guesses what an outcome means: an unconfirmed status stays as it is and is quarantined by its name.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from promisekept.errors import ConfigError

_SAMPLE_ROWS = 500
_MOST_STATUSES = 30
_FORMATS = (
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?", None),
    (r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%m/%d/%y"),
)
_FULFILLED = re.compile(r"grant|fulfil|complete|resolved|closed|done|answered|provided", re.IGNORECASE)
_DENIED = re.compile(r"den(y|ied)|refus|reject|declin", re.IGNORECASE)
_UNDER_WAY = re.compile(r"\b(open|pending|in progress|on hold|waiting)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """A drafted source.

    Attributes:
        mapping: the SQL, with its open questions as comments.
        delimiter: what separates the columns of the file.
        encoding: how its text is encoded.
        formats: strptime formats of the time columns that are not ISO 8601.
    """

    mapping: str
    delimiter: str
    encoding: str
    formats: dict[str, str]


def draft_requests_mapping(file: Path) -> Draft:
    """Draft a mapping for the `requests` log from a wide CSV: one row per case.

    Args:
        file: a CSV with a header, as a spreadsheet exports it.

    Raises:
        ConfigError: the file is not there, is empty, or has no column that could be a case number or a date received.
    """
    encoding, delimiter, header, rows = _read(file)
    guesses = _guess(header)
    for needed, meaning in (("request_id", "the case number"), ("received", "the date of receipt")):
        if needed not in guesses:
            raise ConfigError(
                f"{file}: no column looks like {meaning}.\n  Its columns: {', '.join(header)}\n"
                f"  Rename one (for example to `{needed.replace('_', ' ')}`), or map by hand: docs/write-a-mapping.md"
            )
    samples = {column: [row[header.index(name)] for row in rows if row[header.index(name)]] for column, name in guesses.items()}
    _part_state_from_state(guesses, samples)
    formats = _formats(samples)
    questions = _questions(guesses, samples, formats)
    return Draft(_sql(guesses, samples, questions), delimiter, encoding, formats)


def _read(file: Path) -> tuple[str, str, list[str], list[list[str]]]:
    try:
        raw = file.read_bytes()[:1_000_000]
    except OSError as error:
        raise ConfigError(f"{file}: this file can't be read ({error.strerror}).\n  Name a CSV with --from.") from None
    encoding = "utf-8" if _decodes(raw, "utf-8-sig") else "cp1252"
    text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    first = text.splitlines()[0] if text.strip() else ""
    if not first:
        raise ConfigError(f"{file}: this file is empty.\n  Name a CSV that has a header and a few rows.")
    delimiter = max(",;\t|", key=first.count)
    lines = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    header = [name.strip() for name in lines[0]]
    return encoding, delimiter, header, [row for row in lines[1 : _SAMPLE_ROWS + 1] if len(row) == len(header)]


def _decodes(raw: bytes, encoding: str) -> bool:
    for cut in range(4):  # the sample may end inside a character
        try:
            raw[: len(raw) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


@cache
def _words() -> dict[str, list[str]]:
    with (Path(__file__).parent / "header_words.csv").open(encoding="utf-8", newline="") as lines:
        return {row["column"]: row["words"].split(";") for row in csv.DictReader(lines)}


def _guess(header: list[str]) -> dict[str, str]:
    plain = {name: re.sub(r"[^a-z0-9]+", " ", name.lower()).strip() for name in header}
    guesses: dict[str, str] = {}
    for column, words in _words().items():
        for word in words:
            found = next((name for name in header if plain[name] == word and name not in guesses.values()), None)
            if found:
                guesses[column] = found
                break
    return guesses


def _part_state_from_state(guesses: dict[str, str], samples: dict[str, list[str]]) -> None:
    """A column called `State` may hold where a person lives or how a case stands; its values show which."""
    words = samples.get("jurisdiction", [])
    if "status" not in guesses and any(one.search(word) for one in (_FULFILLED, _DENIED, _UNDER_WAY) for word in words):
        guesses["status"], samples["status"] = guesses.pop("jurisdiction"), samples.pop("jurisdiction")


def _formats(samples: dict[str, list[str]]) -> dict[str, str]:
    formats: dict[str, str] = {}
    for column, target in (
        ("received", "occurred_at"),
        ("closed", "occurred_at"),
        ("declared_due_at", "declared_due_at"),
    ):
        values = samples.get(column, [])
        for pattern, form in _FORMATS:
            if values and all(re.fullmatch(pattern, value) for value in values):
                day_first = form == "%m/%d/%Y" and any(int(value.split("/")[0]) > 12 for value in values)
                if form:
                    formats.setdefault(target, "%d/%m/%Y" if day_first else form)
                break
    return formats


def _questions(guesses: dict[str, str], samples: dict[str, list[str]], formats: dict[str, str]) -> tuple[str, ...]:
    questions = [f'Is "{name}" {column.replace("_", " ")}?' for column, name in guesses.items()]
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


def _sql(guesses: dict[str, str], samples: dict[str, list[str]], questions: tuple[str, ...]) -> str:
    column = {name: '"' + header.replace('"', '""') + '"' for name, header in guesses.items()}
    case_id = column["request_id"]
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
        f"    'received' as event_type, {column['received']} as occurred_at, {person} as subject_ref,",
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
