"""How certain a proposal of a draft is, in words: `sure`, or to be checked, each with its reason.

Here: the reasons, which look at the header and at what the first rows hold below it. Not here: the proposals themselves
(sample.py, proposals.py). What is sure is taken as answered; what is to be checked stays a question until a person confirms it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from promisekept.project.event_draft import AT, words
from promisekept.project.proposals import is_us_state, propose, stands_for
from promisekept.project.sample import Sample, plain, times
from promisekept.sources.contract import contract
from promisekept.sources.personal_data import names_a_person

_FILLED = 0.5
_CASE_DATES = ("received", "closed")


@dataclass(frozen=True, slots=True)
class Certainty:
    """Whether a proposal is sure, and why or why not."""

    is_sure: bool
    reason: str


def of_column(sample: Sample, log: str, column: str, header: str, codes: Collection[str]) -> Certainty:
    """How certain it is that a header holds a column of a log.

    Args:
        sample: the first rows.
        log: that the rows belong to.
        column: of the draft.
        header: that probably holds it.
        codes: that the column may hold; empty where it holds no codes.
    """
    values = sample.values(header, codes)
    if len(values) < _FILLED * len(sample.rows) or not values:
        return Certainty(False, f"{len(sample.rows) - len(values):,} of {len(sample.rows):,} rows are empty")
    if _is_instant(log, column):
        return _of_times(sample, header, len(values))
    if codes or column == "jurisdiction":
        return _of_words(sample, column, header, list(codes))
    return _of_header(column, header, values, len(sample.rows))


def of_code(column: str, word: str, code: str | None, codes: Sequence[str]) -> Certainty:
    """How certain it is that a word stands for a code."""
    if code is None:
        return Certainty(False, "no known word; its rows are rejected until it has a code")
    if stands_for(column, word, codes) == code:
        return Certainty(True, "a known word for it")
    return Certainty(False, "resembles a known word")


def _is_instant(log: str, column: str) -> bool:
    if column.startswith(AT) or column in _CASE_DATES:
        return True
    return column in contract()[log].names and contract()[log].column(column).kind == "instant"


def _of_times(sample: Sample, header: str, values: int) -> Certainty:
    written = times(sample, [header])
    if unknown := written.others.get(header, 0):
        return Certainty(False, f"{unknown:,} of {values:,} values are no times that are known")
    if written.is_partly_offset:
        return Certainty(False, "some times have an offset and some have none")
    if any("%m/%d" in form or "%m-%d-" in form for form in written.formats):
        return Certainty(False, "read month first, as 12/31/2026")
    if strange := sum(not _is_written(value, written.formats) for value in sample.values(header)):
        return Certainty(False, f"{strange:,} of {values:,} values are no dates when read as {' or '.join(written.formats)}")
    return Certainty(True, "all values are times")


def _is_written(value: str, formats: Sequence[str]) -> bool:
    """Whether a value is a time of one of the formats; of ISO 8601 where there is none."""
    for form in formats:
        with suppress(ValueError):
            datetime.strptime(value, form)  # noqa: DTZ007  only whether it can be read
            return True
    with suppress(ValueError):
        datetime.fromisoformat(value)
        return True
    return False


def _of_header(column: str, header: str, values: Sequence[str], rows: int) -> Certainty:
    if column == "subject_ref" and any(names_a_person(value) for value in values):
        return Certainty(True, "addresses or numbers of persons; replaced while landing")
    if plain(header) == plain(column):
        return Certainty(True, "the header is the name of the column")
    if column.endswith("_id") and len(set(values)) == rows:
        return Certainty(True, "every row has its own")
    return Certainty(False, f"only the header, {header}, indicates it")


def _of_words(sample: Sample, column: str, header: str, codes: list[str]) -> Certainty:
    found = words(sample, header, codes)
    if column == "jurisdiction" and is_us_state(header, set(found)):
        return Certainty(False, f"{found[0]} would be US-{found[0]}: are these states of the United States?")
    open_ones = [word for word in found if word not in codes and (codes and not propose(column, word, codes))]
    if open_ones:
        return Certainty(False, f"{len(open_ones):,} of {len(found):,} words have no code")
    return Certainty(True, f"all of {len(found):,} words have a code" if codes else "places")
