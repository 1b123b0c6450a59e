"""The header and the first rows of a file that a mapping is drafted from.

Here: reading them, which header probably means what (header_words.csv: English, German, French and Spanish), and how its times
are written. Not here: the mapping (draft.py, event_draft.py).
"""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from promisekept.config.readers import Files
from promisekept.errors import ConfigError
from promisekept.sources.extract.files import RejectedFileError, SourceFile
from promisekept.sources.extract.workbooks import open_sheet, sheet_names

_ROWS = 1000
_BYTES = 1_000_000
_TITLES = 20
"""Among how many rows of a sheet or a CSV its header is looked for."""
_DELIMITERS = ",;\t|"
_ANY, _DIMENSION = "*", "dimension"
_DAYS = (
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%m/%d/%y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%m-%d-%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y"),
    (r"[A-Za-z]{3,9} \d{1,2}, \d{4}", "%B %d, %Y"),
    (r"(19|20)\d{6}", "%Y%m%d"),
)
_CLOCKS = (
    ("", ""),
    (r" \d{1,2}:\d{2}", " %H:%M"),
    (r" \d{1,2}:\d{2}:\d{2}", " %H:%M:%S"),
    (r" \d{1,2}:\d{2} [APap][Mm]", " %I:%M %p"),
    (r" \d{1,2}:\d{2}:\d{2} [APap][Mm]", " %I:%M:%S %p"),
    (r" \d{1,2}:\d{2} Uhr", " %H:%M Uhr"),
)
_TIMES = tuple(
    (re.compile(day + joint + clock), form + joint + clock_form)
    for day, form in _DAYS
    for clock, clock_form in _CLOCKS
    for joint in (("", ",") if clock else ("",))
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?")
_FIRST_TWO = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b.*")
_ZONES = ("time zone", "timezone", "tz", "zeitzone", "fuseau horaire", "zona horaria")
_NO_VALUE = (
    *("NA", "N/A", "n/a", "n.a.", "-", "--", "—", "null", "NULL", "None", "nan", "NaN"),
    *("k.A.", "k. A.", "keine Angabe", "unbekannt", "inconnu", "desconocido", "s/o"),
)


@dataclass(frozen=True)
class Answers:
    """What a person has confirmed of a draft.

    Attributes:
        columns: by column of the draft the header that holds it, empty where none does.
        codes: by column and word the code that it stands for, empty where it stays as it is.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """The beginning of a file: its header, its first rows as text, and the settings of the reader with which it is read."""

    reader: Mapping[str, str | int]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    answers: Answers = Answers()

    def guesses(self, log: str, columns: Collection[str], without: Collection[str] = ()) -> dict[str, str]:
        """The header that holds each column of a log: as a person has confirmed, else probably (`guess_columns`)."""
        guesses = guess_columns(self.header, log, columns, without)
        possible = {*columns, *own_words(log)} - {*without}
        for column, name in self.answers.columns.items():
            if column in possible:
                guesses = {one: header for one, header in guesses.items() if one != column and header != name}
                guesses |= {column: name} if name else {}
        return guesses

    @property
    def questions(self) -> list[str]:
        """What a person has to confirm of where the header stands."""
        row = self.reader.get("header_row")
        return [] if row is None else [f"Row {row} is taken for the header; what stands above it is not read. Is that so?"]

    def values(self, name: str, codes: Collection[str] = ()) -> list[str]:
        """What a column holds, without what stands for no value and is none of the codes."""
        position = self.header.index(name)
        cells = [row[position] for row in self.rows if row[position]]
        return [cell for cell in cells if cell not in _NO_VALUE or cell.casefold() in codes]

    def sql(self, name: str, codes: Collection[str] = ()) -> str:
        """A column as SQL; what stands for no value in these rows, and is none of the codes, is null."""
        position = self.header.index(name)
        quoted = '"' + name.replace('"', '""') + '"'
        for text in sorted({row[position] for row in self.rows if row[position].casefold() not in codes} & set(_NO_VALUE)):
            quoted = f"nullif({quoted}, '{text}')"
        return quoted


def read_sample(file: Path, sheet: str | None = None) -> Sample:
    """Read the beginning of a CSV, an .xlsx or an .ods file with a header.

    Args:
        file: as a system or a spreadsheet wrote it.
        sheet: of a workbook; needed where more than one has cells.

    Raises:
        ConfigError: the file is not there, can't be read, or is empty; or which of its sheets is meant is open.
    """
    try:
        if file.suffix.lower() in (".xlsx", ".ods"):
            return _workbook_sample(file, sheet)
        with file.open("rb") as stream:
            raw = stream.read(_BYTES)
    except OSError as error:
        raise ConfigError(f"{file}: this file can't be read ({error.strerror}).\n  Name a CSV with --from.") from None
    encoding = _encoding(raw)
    text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    if not text.strip():
        raise ConfigError(f"{file}: this file is empty.\n  Name a CSV that has a header and a few rows.")
    delimiter = _delimiter(text.splitlines())
    rows = list(_numbered(text, delimiter))
    header_row = _header_row(rows[0][1], rows[1:])
    if header_row is not None:
        rows = [row for row in rows if row[0] >= header_row]
    header = [name.strip() for name in rows[0][1]]
    reader: dict[str, str | int] = {} if encoding == "utf-8" else {"encoding": encoding}
    reader |= {} if delimiter == "," else {"delimiter": delimiter}
    reader |= {} if header_row is None else {"header_row": header_row}
    return Sample(reader, header, [row for _, row in rows[1 : _ROWS + 1] if len(row) == len(header)])


def _delimiter(lines: Sequence[str]) -> str:
    """What separates the names of the header; a title above it has none of its own."""
    first = next(line for line in lines if line.strip())
    if not any(delimiter in first for delimiter in _DELIMITERS):
        first = max(lines[:_TITLES], key=lambda line: max(map(line.count, _DELIMITERS)))
    return max(_DELIMITERS, key=first.count)


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV that are not empty, each with the line on which it begins."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    line = 1
    for row in reader:
        if row:
            yield line, row
        line = reader.line_num + 1


def sheets_of(file: Path) -> list[str]:
    """The sheets of a workbook; none of any other file.

    Raises:
        ConfigError: it can't be read.
    """
    if file.suffix.lower() not in (".xlsx", ".ods") or not file.is_file():
        return []
    source = SourceFile(str(file.resolve()), file.stat().st_size, 0.0, "xlsx", gzipped=False)
    try:
        return sheet_names(source, Files(path=str(file)))
    except RejectedFileError as error:
        raise ConfigError(f"{file}: {error.message}") from None


def _workbook_sample(file: Path, sheet: str | None) -> Sample:
    """The sheet that is named or the only one with cells; its header is the first row that is filled as far as those below."""
    reader: dict[str, str | int] = {} if sheet is None else {"sheet": sheet}
    source = SourceFile(str(file.resolve()), file.stat().st_size, 0.0, "xlsx", gzipped=False)
    try:
        header, rows = _sheet(source, Files(path=str(file), sheet=sheet))
        number = _header_row(header, rows)
        if number is not None:
            reader["header_row"] = number
            header, rows = _sheet(source, Files(path=str(file), sheet=sheet, header_row=number))
    except RejectedFileError as error:
        remedy = error.message.replace("Set `reader.sheet` to", "Name with --sheet")
        raise ConfigError(f"{file}: {remedy}") from None
    if not header:
        raise ConfigError(f"{file}: this workbook is empty.\n  Name a file that has a header and a few rows.")
    return Sample(reader, [name.strip() for name in header], [row for _, row in rows])


def _sheet(file: SourceFile, reader: Files) -> tuple[Sequence[str], list[tuple[int, list[str]]]]:
    with open_sheet(file, reader) as sheet:
        return sheet.header, list(islice(sheet.rows, _ROWS))


def _header_row(header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """The row below a title; None where the first row with a cell is the header."""

    def filled(row: Iterable[str]) -> int:
        return sum(bool(cell.strip()) for cell in row)

    most = max((filled(row) for _, row in rows[:_TITLES]), default=0)
    if 2 * filled(header) > most:
        return None
    return next((number for number, row in rows[:_TITLES] if 2 * filled(row) > most), None)


def _encoding(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8" if _decodes(raw, "utf-8-sig") else "cp1252"


def _decodes(raw: bytes, encoding: str) -> bool:
    for cut in range(4):  # the sample may end inside a character
        try:
            raw[: len(raw) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def plain(text: str) -> str:
    """A header as words: `Eingegangen am` and `eingegangen_am` are the same, `Empfänger` is `empfanger`."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]+", " ", "".join(one for one in letters if not unicodedata.combining(one))).strip()


@cache
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    words: dict[str, dict[str, list[str]]] = defaultdict(dict)
    with (Path(__file__).parent / "header_words.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            words[row["log"]][row["column"]] = [plain(one) for one in row["words"].split(";")]
    return words


def guess_columns(header: Iterable[str], log: str, columns: Iterable[str], without: Collection[str] = ()) -> dict[str, str]:
    """The header that probably holds each column of a log.

    Args:
        header: of the file.
        log: its own words come before those of every log.
        columns: of its contract; a header of that name holds it.
        without: what no header is taken for.

    Returns:
        By column, or by `at:` and the type of the event whose instant a header holds. A header means one thing.
    """
    names = {name: plain(name) for name in header}
    own = {column: words for column, words in _words().get(log, {}).items() if column not in without}
    shared = {column: words for column, words in _words()[_ANY].items() if column in columns}
    words = {column: [plain(column), *own.get(column, ()), *shared.get(column, ())] for column in (*own, *columns)}
    guesses: dict[str, str] = {}
    for column, several in words.items():
        for word in several:
            found = next((name for name in names if names[name] == word and name not in guesses.values()), None)
            if found:
                guesses[column] = found
                break
    return guesses


def own_words(log: str) -> Sequence[str]:
    """The columns by which a file of a log is recognised."""
    return tuple(_words().get(log, {}))


def guess_dimensions(header: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """The headers that probably hold a group by which an organisation counts, by the name that such a dimension could have.

    Args:
        header: of the file.
        taken: headers that hold something else.
    """
    names = {plain(name): name for name in header if name not in taken}
    found = {name: next((names[word] for word in words if word in names), None) for name, words in _words()[_DIMENSION].items()}
    return {name: one for name, one in found.items() if one is not None}


@dataclass(frozen=True)
class Times:
    """How the times of the columns that become one column are written.

    Attributes:
        formats: for strptime, of those that are not ISO 8601.
        is_mixed: more than one way, so that each value has to be converted.
        others: how many values by column are written in no way that is known.
        is_partly_offset: some have an offset and some have none.
    """

    formats: tuple[str, ...]
    is_mixed: bool
    others: Mapping[str, int]
    is_partly_offset: bool = False

    @property
    def only(self) -> str | None:
        """The one format of all values, None where they are ISO 8601 or mixed."""
        return self.formats[0] if self.formats and not self.is_mixed else None

    def sql(self, value: str) -> str:
        """A value as text that the source's `formats` or ISO 8601 reads; what can't be read stays as it is."""
        if not self.is_mixed:
            return value
        # A year of two digits first: the format of four would read it as one of antiquity.
        listed = ", ".join(f"'{form}'" for form in sorted(self.formats, key=lambda form: "%y" not in form))
        return f"coalesce(strftime(try_strptime({value}, [{listed}]), '%Y-%m-%d %H:%M:%S'), {value})"


def times(sample: Sample, names: Iterable[str]) -> Times:
    """How the times of some columns are written.

    Whether 3/4/2026 is in March or in April is decided by a number above 12 in any column, else taken as March.
    """
    found: set[str] = set()
    has_iso = False
    offsets: set[bool] = set()
    others: dict[str, int] = {}
    swapped = _is_day_first(sample)
    for name in names:
        for text in sample.values(name):
            if iso := _ISO.fullmatch(text):
                has_iso = True
                offsets |= {iso[4] is not None} if iso[1] else set()
            elif (form := next((form for pattern, form in _TIMES if pattern.fullmatch(text)), None)) is None:
                others[name] = others.get(name, 0) + 1
            else:
                found.add(re.sub(r"%m([/-])%d\1", r"%d\1%m\1", form) if swapped else form)
    return Times(tuple(sorted(found)), len(found) + has_iso > 1, others, len(offsets) > 1)


def _is_day_first(sample: Sample) -> bool:
    texts = (cell for row in sample.rows for cell in row)
    return any(int(found[1]) > 12 for text in texts if (found := _FIRST_TWO.fullmatch(text)))


def time_questions(sample: Sample, several: Iterable[Times]) -> list[str]:
    """What a person has to confirm of how times are written."""
    found = [*several]
    zones = [name for name in sample.header if plain(name) in _ZONES and len(set(sample.values(name))) > 1]
    questions = [
        f'{number:,} of the first values of "{name}" are no times that are known, and are rejected: how are they written?'
        for one in found
        for name, number in one.others.items()
    ]
    questions += [
        f'"{name}" names several time zones, and times are read in one: docs/write-a-mapping.md shows how a row gives its own.'
        for name in zones
    ]
    if any(one.is_partly_offset for one in found):
        questions.append("Some times have an offset and some have none; those are read in the source's `time_zone`. Is that so?")
    if any("%m/%d" in form or "%m-%d-" in form for one in found for form in one.formats):
        questions.append("Dates were read month first (12/31/2026). Is that so? If not, change their format to %d/%m/%Y.")
    return questions
