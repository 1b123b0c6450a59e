"""A draft that a person completes step by step: which column holds what, which word stands for which code, what would land.

Here: the steps, over the same draft that `init --from` writes (draft.py); nothing is written before `save`. Not here: asking,
which the command line and the dashboard do in their own ways.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from promisekept.config.loading import load_settings
from promisekept.project.certainty import Certainty, of_code, of_column
from promisekept.project.draft import CODED, ENDS, OF_REQUESTS, draft_mapping, guess_log, is_contract, is_event_log
from promisekept.project.event_draft import AT, BUILT, OF_WIDE_FILES, meaning, words
from promisekept.project.proposals import propose
from promisekept.project.questions import open_questions
from promisekept.project.sample import Answers, Sample, own_words, read_sample
from promisekept.project.scaffold import Scaffolded, scaffold
from promisekept.sources.contract import contract
from promisekept.sources.landing.dry_run import DryRun, dry_run
from promisekept.sources.personal_data import names_a_person

_EVENTS_SHOWN = 10
_REJECTS_SHOWN = 60
"""Enough for the rows of a preview, of which each may become several events."""
MASK = "•••"
"""Stands for what names a person."""


@dataclass(frozen=True)
class Place:
    """Whose project it becomes."""

    organisation: str = "Example Ltd"
    country: str = "US"
    time_zone: str = "America/New_York"


@dataclass(frozen=True)
class ColumnChoice:
    """A column of the draft, what it holds in words, and the header that holds it; None where none does.

    `certainty` is of a proposal: None where there is none, or a person has chosen.
    """

    column: str
    meaning: str
    header: str | None
    certainty: Certainty | None = None


@dataclass(frozen=True)
class CodeChoice:
    """A word of the file, the code that it stands for (None: it stays as it is), and the codes that the column may hold.

    `certainty` is of a proposal; None where a person has chosen.
    """

    column: str
    word: str
    code: str | None
    codes: tuple[str, ...]
    certainty: Certainty | None = None


@dataclass(frozen=True)
class Trial:
    """What would land, the mapping by which it would, and what the mapping still asks."""

    outcome: DryRun
    mapping: str | None
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Wizard:
    """A file on its way into a project.

    Attributes:
        file: a CSV or a workbook; it is read where it lies.
        log: that it belongs to; guessed from its headers where none is named.
        sheet: of a workbook.
        answers: given so far.
    """

    file: Path
    log: str | None = None
    sheet: str | None = None
    answers: Answers = field(default_factory=Answers)

    @cached_property
    def sample(self) -> Sample:
        """Its header and first rows, with the answers.

        Raises:
            ConfigError: it can't be read, or which sheet is meant is open.
        """
        return replace(read_sample(self.file, self.sheet), answers=self.answers)

    @cached_property
    def chosen(self) -> str:
        """The log.

        Raises:
            ConfigError: its headers fit none, or several.
        """
        return self.log or guess_log(self.file, self.sample)

    @property
    def needs_no_mapping(self) -> bool:
        """Whether it has the columns of the contract."""
        return is_contract(self.sample, self.chosen)

    def preview(self, rows: int) -> list[list[str]]:
        """The first rows; what names a person is masked."""
        guesses = self._guesses()
        persons = {guesses[one.name] for one in contract()[self.chosen].subjects if one.name in guesses}
        masked = [name in persons for name in self.sample.header]
        return [
            [MASK if cell and (is_person or names_a_person(cell)) else cell for cell, is_person in zip(row, masked, strict=False)]
            for row in self.sample.rows[:rows]
        ]

    def columns(self) -> Sequence[ColumnChoice]:
        """Every column that the draft can take from the file."""
        guesses = self._guesses()
        return [
            ColumnChoice(one, meaning(one).replace("`", ""), guesses.get(one), self._certainty(one, guesses.get(one)))
            for one in self._possible()
        ]

    def codes(self) -> Sequence[CodeChoice]:
        """Each word of a column of codes that is no code itself."""
        return list(self._codes())

    def with_column(self, column: str, header: str | None) -> Wizard:
        """With the header that holds a column, or none that does."""
        return replace(self, answers=replace(self.answers, columns={**self.answers.columns, column: header or ""}))

    def with_code(self, column: str, word: str, code: str | None) -> Wizard:
        """With the code that a word stands for, or none."""
        return replace(self, answers=replace(self.answers, codes={**self.answers.codes, (column, word): code or ""}))

    def try_out(self, place: Place, now: datetime) -> Trial:
        """Take the file through landing below a temporary folder."""
        with tempfile.TemporaryDirectory(prefix="promisekept-init-") as folder:
            self.save(Path(folder) / "project", place)
            settings = load_settings(Path(folder) / "project" / "promisekept.yml")
            outcome = dry_run(settings, settings.sources[0], now, events=_EVENTS_SHOWN, rejects=_REJECTS_SHOWN)
            questions = open_questions(settings.base, sorted((settings.base / "mappings").glob("*.sql")))
        mapping = draft_mapping(self.file, self.chosen, self.sheet, self.answers).mapping
        return Trial(outcome, mapping, tuple(one.says for one in questions))

    def save(self, folder: Path, place: Place, *, copy: bool = False) -> Scaffolded:
        """Write the project.

        Raises:
            ConfigError: the folder is not empty.
        """
        return scaffold(
            folder,
            organisation=place.organisation,
            country=place.country,
            time_zone=place.time_zone,
            log=self.chosen,
            draft_from=self.file,
            sheet=self.sheet,
            answers=self.answers,
            copy=copy,
        )

    @cached_property
    def _is_wide(self) -> bool:
        """One row per request, with a column per date."""
        return self.chosen == "requests" and not is_event_log(replace(self.sample, answers=Answers()))

    def _guesses(self) -> dict[str, str]:
        names = contract()[self.chosen].names
        return self.sample.guesses(self.chosen, OF_REQUESTS if self._is_wide else names, () if self._is_wide else OF_WIDE_FILES)

    def _certainty(self, column: str, header: str | None) -> Certainty | None:
        if header is None or column in self.answers.columns:
            return None
        name, codes = self._coded().get(column, (column, ()))
        return of_column(self.sample, self.chosen, name, header, codes)

    def _possible(self) -> Iterator[str]:
        own = own_words(self.chosen)
        if self._is_wide:
            yield from (*own, *OF_REQUESTS)
            return
        log = contract()[self.chosen]
        yield from (one for one in own if one.startswith(AT))
        yield from (one for one in ("occurred_at", "event_type", "event_id") if one in log.names)
        yield from (one.name for one in log.columns if one.name not in BUILT and one.name != "recorded_at")

    def _coded(self) -> Mapping[str, tuple[str, Sequence[str]]]:
        """By column of the draft: the column of the contract whose codes it holds, and those codes."""
        log = contract()[self.chosen]
        if self._is_wide:
            return {name: (name, log.column(name).codes) for name in CODED} | {"status": ("event_type", ENDS)}
        return {one.name: (one.name, one.codes) for one in log.columns if one.codes or one.name == "jurisdiction"}

    def _codes(self) -> Iterator[CodeChoice]:
        guesses = self._guesses()
        for at, (column, codes) in self._coded().items():
            if at not in guesses:
                continue
            for word in words(self.sample, guesses[at], codes):
                is_chosen = (column, word) in self.answers.codes
                code = self.answers.codes[column, word] if is_chosen else propose(column, word, codes)
                if word not in codes and (codes or code):
                    certainty = None if is_chosen else of_code(column, word, code or None, codes)
                    yield CodeChoice(column, word, code or None, tuple(codes), certainty)
