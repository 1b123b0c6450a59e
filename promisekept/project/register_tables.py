"""Registers from a table that people keep: one register as a sheet, or a record of processing activities (Art. 30 GDPR).

Here: tables with the columns of a register; records with the columns of the ICO's template, of a French list of processing
operations, or the sheets of the CNIL's template, each of which describes one operation. What can't be read is asked. Not here:
reading the file (sample.py), or how versions follow each other (register_versions.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from promisekept.errors import ConfigError, PackError
from promisekept.policy.registers import REGISTERS
from promisekept.project.register_versions import Version
from promisekept.project.sample import plain, read_sample, sheets_of

_RECORD: Mapping[str, tuple[str, ...]] = {
    "purpose": ("purpose of processing", "purposes of processing", "purpose", "finalite principale", "finalite", "finalites",
                "objectifs poursuivis"),
    "categories": (
        *("categories of personal data", "categories of data", "personal data", "categories de donnees personnelles"),
        *("categories de donnees", "donnees concernees", "categories de donnees personnelles concernees"),
        *("categories de donnees traitees", "categories de donnees collectees"),
    ),
    "recipients": ("categories of recipients", "recipients", "destinataires", "categories de destinataires",
                   "categories de destinataires des donnees"),
    "period": ("retention schedule if possible", "retention schedule", "retention period", "retention", "duree de conservation",
               "durees de conservation", "delai d effacement", "delais d effacement",
               "delais prevus pour l effacement des donnees", "durees de conservation des categories de donnees"),
    "basis": ("article 6 lawful basis for processing personal data", "gdpr article 6 lawful basis for processing",
              "lawful basis", "legal basis", "base legale", "base juridique"),
}  # fmt: skip
_GROUPS = ("destinataires internes", "organismes externes", "sous traitants")
"""Of recipients in the CNIL's form: the cell beside such a word names them."""
_UNITS = {
    "year": "Y", "years": "Y", "an": "Y", "ans": "Y", "annee": "Y", "annees": "Y", "month": "M", "months": "M", "mois": "M",
    "week": "W", "weeks": "W", "semaine": "W", "semaines": "W", "day": "D", "days": "D", "jour": "D", "jours": "D",
}  # fmt: skip
_DEFAULTS = {
    "purposes": {"consent_required": "no"}, "data_categories": {"sensitive": "no"},
    "recipients": {"recipient_kind": "service_provider"}, "retention_schedule": {"trigger": "created"},
}  # fmt: skip
_PERIOD = re.compile(rf"(?<!\d)(\d{{1,3}})\s+({'|'.join(_UNITS)})\b")
_CONSENT = re.compile(r"\b(consent|consentement)\b")


@dataclass(frozen=True)
class Imported:
    """A version, and what has to be answered before it is right."""

    version: Version
    questions: Sequence[str] = ()


def read_register(file: Path, register: str, on: date, sheet: str | None = None) -> Imported:
    """One register as a table; it has all of its rows, so that a code which it lacks ends.

    Raises:
        PackError: it lacks a column that the register needs.
        ConfigError: the file can't be read.
    """
    definition = REGISTERS[register]
    sample = read_sample(file, sheet)
    names = {plain(name): at for at, name in enumerate(sample.header)}
    places = {one.name: names[plain(one.name)] for one in definition.columns if plain(one.name) in names}
    lacking = [one.name for one in definition.columns if one.required and one.name not in places]
    if lacking:
        raise PackError(
            f"{file}: it lacks {', '.join(lacking)}, which {definition.file} needs.\n  Its columns: {', '.join(sample.header)}"
        )
    unused = [name for name in sample.header if plain(name) not in {plain(one) for one in places}]
    rows = [
        {name: row[at].strip() for name, at in places.items() if name not in ("valid_from", "valid_to")}
        for row in sample.rows
        if row[places[definition.key[0]]].strip()
    ]
    questions = [f"These columns are no columns of {definition.file} and were left out: {', '.join(unused)}"] if unused else []
    return Imported(Version(file.name, on, {register: rows}, {register: ""}), questions)


def read_record(file: Path, on: date) -> Imported:
    """A record of processing activities as purposes, data categories, recipients and a retention schedule.

    It ends nothing: a purpose that a record no longer has may still be in use, and a person decides.

    Raises:
        PackError: nothing in it names a purpose.
        ConfigError: the file can't be read.
    """
    operations = [one for table in _tables(file) for one in _operations(table)]
    if not operations:
        raise PackError(
            f"{file}: nothing in it names a purpose of processing.\n"
            "  A record has a column such as `Purpose of processing` or `Finalité principale`, or a sheet per operation (CNIL)."
        )
    version = Version(file.name, on, {}, defaults=_DEFAULTS)
    questions: list[str] = []
    purposes: dict[str, dict[str, str]] = {}
    categories: dict[str, dict[str, str]] = {}
    recipients: dict[str, dict[str, list[str]]] = {}
    schedule: dict[str, dict[str, str]] = {}
    for one in operations:
        name = " ".join(one["purpose"].split())
        purpose = _code(name)
        needs_consent = bool(_CONSENT.search(plain(one.get("basis", ""))))
        purposes[purpose] = {"purpose_code": purpose, "name": name}
        purposes[purpose] |= {"consent_required": "yes" if needs_consent else "no"} if one.get("basis") else {}
        if not one.get("basis"):
            questions.append(f"{name}: nothing states its lawful basis; it is taken as one without consent.")
        found = {_code(text): text for text in _parts(one.get("categories", ""))}
        categories |= {code: {"data_category": code, "name": text} for code, text in found.items()}
        for text in _parts(one.get("recipients", "")):
            recipient = recipients.setdefault(_code(text), {"name": [text], "purposes": [], "categories": []})
            recipient["purposes"] += [purpose]
            recipient["categories"] += found
        if period := one.get("period", "").strip():
            read = _PERIOD.search(plain(period))
            if read is None:
                questions.append(f"{name}: `{period[:80]}` is no period that can be measured; add it to retention_schedule.csv.")
            else:
                schedule |= {
                    f"{purpose}.{code}": {
                        "schedule_id": f"{purpose}.{code}", "data_category": code, "purpose_code": purpose,
                        "max_period": f"P{read[1]}{_UNITS[read[2]]}", "legal_basis": one.get("basis", ""),
                    }
                    for code in found
                }  # fmt: skip
    rows = {
        "purposes": [*purposes.values()],
        "data_categories": [*categories.values()],
        "recipients": [
            {
                "recipient_id": code,
                "name": several["name"][0],
                "allowed_purposes": ";".join(dict.fromkeys(several["purposes"])),
                "allowed_categories": ";".join(dict.fromkeys(several["categories"])),
            }
            for code, several in recipients.items()
        ],
        "retention_schedule": [*schedule.values()],
    }
    if recipients:
        questions.append("Every recipient is taken as a service_provider, and no country is known: correct recipients.csv.")
    if schedule:
        questions.append("Each period is taken from the creation of the record: correct `trigger` in retention_schedule.csv.")
    questions.append("No data category is marked as sensitive: correct data_categories.csv.")
    return Imported(replace(version, rows={name: several for name, several in rows.items() if several}), questions)


def _tables(file: Path) -> Iterable[list[list[str]]]:
    """Each sheet as rows; a sheet that can't be read is none."""
    sheets: list[str | None] = [*sheets_of(file)] or [None]
    for sheet in sheets:
        try:
            sample = read_sample(file, sheet)
        except ConfigError:
            if sheet is None:
                raise
            continue
        yield [list(sample.header), *(list(row) for row in sample.rows)]


def _operations(table: list[list[str]]) -> Iterable[dict[str, str]]:
    """The operations of a sheet: a row each below a header that names a purpose, or one whose labels stand in a column."""
    for number, row in enumerate(table):
        places = {one: at for one in _RECORD if (at := _place(row, _RECORD[one])) is not None}
        if "purpose" in places and len(places) > 1:
            cells = ({one: below[at].strip() for one, at in places.items() if at < len(below)} for below in table[number + 1 :])
            yield from (one for one in cells if one.get("purpose"))
            return
    form: dict[str, list[str]] = {}
    under: str | None = None
    for row in table:
        filled = [cell.strip() for cell in row if cell.strip()]
        if not filled:
            under = None
            continue
        label = next((one for one, words in _RECORD.items() if plain(filled[0]) in words), None)
        under = label or under
        values = filled[1:] if label or plain(filled[0]) in _GROUPS else filled
        if under and (label or under in ("categories", "recipients")):
            form.setdefault(under, []).extend(values[:1])
    if form.get("purpose"):
        yield {one: "\n".join(values) for one, values in form.items()}


def _place(row: Sequence[str], words: tuple[str, ...]) -> int | None:
    return next((at for word in words for at, cell in enumerate(row) if plain(cell) == word), None)


def _parts(text: str) -> list[str]:
    return [one.strip(" -•\t") for one in re.split(r"[;,\n]", text) if one.strip(" -•\t")]


def _code(text: str) -> str:
    return plain(text).replace(" ", "_")[:60]
