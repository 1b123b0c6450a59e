"""`init` without a folder in a terminal: the steps of project/wizard.py, asked one by one.

Here: questions, the preview, and what would land. Not here: the draft. Nothing is asked where nobody sits before a terminal.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import typer

from promisekept.cli.checking import trial_lines
from promisekept.cli.console import clock, table
from promisekept.errors import ConfigError
from promisekept.project.scaffold import Scaffolded
from promisekept.project.wizard import CodeChoice, ColumnChoice, Place, Wizard
from promisekept.sources.contract import contract

_PREVIEWED = 5
_WIDEST = 24
_NONE = "-"


def is_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(place: Place) -> tuple[Scaffolded, Place]:
    """Ask for a file, its log, its columns and its words; show what would land; write the project.

    Args:
        place: what is proposed for the organisation, its country and its time zone.

    Raises:
        ConfigError: the file can't be read, or the folder is not empty.
    """
    print("From a file to a project. Enter accepts what stands in brackets; nothing is written before the end.\n")
    wizard = _choose_log(_choose_file())
    print("\n" + _preview(wizard))
    place = Place(
        typer.prompt("\nOrganisation", place.organisation),
        typer.prompt("Its country (ISO 3166-1)", place.country).upper(),
        typer.prompt("Time zone of the file and of its days", place.time_zone),
    )
    while True:
        if not wizard.needs_no_mapping:
            wizard = _map_codes(_map_columns(wizard))
        trial = wizard.try_out(place, clock())
        print("\n" + "\n".join(trial_lines(trial.outcome)))
        if trial.mapping is not None and typer.confirm("Show the mapping?", default=False):
            print("\n" + trial.mapping)
        if wizard.needs_no_mapping or typer.confirm("Save? (n: go through the columns again)", default=True):
            break
    folder = Path(typer.prompt("Folder of the project, new or empty", wizard.chosen)).expanduser()
    copy = typer.confirm("Copy the file into the project? Otherwise it is read where it lies", default=False)
    return wizard.save(folder, place, copy=copy), place


def _choose_file() -> Wizard:
    while True:
        file = Path(typer.prompt("File (CSV, .xlsx, .ods)")).expanduser()
        wizard = Wizard(file)
        try:
            _ = wizard.sample
        except ConfigError as error:
            print(str(error))
            if "--sheet" not in str(error):
                continue
            wizard = Wizard(file, sheet=typer.prompt("Sheet"))
            try:
                _ = wizard.sample
            except ConfigError as second:
                print(str(second))
                continue
        return wizard


def _choose_log(wizard: Wizard) -> Wizard:
    try:
        guess: str | None = wizard.chosen
    except ConfigError as error:
        print(str(error).split("\n", 1)[0])
        guess = None
    print("\nLogs: " + ", ".join(contract()))
    while True:
        log = typer.prompt("Log", guess) if guess else typer.prompt("Log")
        if log in contract():
            return replace(wizard, log=log)
        print(f"There is no log `{log}`.")


def _preview(wizard: Wizard) -> str:
    sample = wizard.sample
    rows = [[cell if len(cell) <= _WIDEST else cell[: _WIDEST - 3] + "..." for cell in row] for row in wizard.preview(_PREVIEWED)]
    return table([f"{number} {name}" for number, name in enumerate(sample.header, 1)], rows)


def _map_columns(wizard: Wizard) -> Wizard:
    print(f"\nWhich column holds it? Its number or name, or {_NONE} for none.")
    for choice in wizard.columns():
        wizard = wizard.with_column(choice.column, _asked_column(wizard, choice))
    return wizard


def _asked_column(wizard: Wizard, choice: ColumnChoice) -> str | None:
    header = list(wizard.sample.header)
    current = next((one.header for one in wizard.columns() if one.column == choice.column), None)
    while True:
        text: str = typer.prompt(f"  {choice.meaning}", current or _NONE)
        if text == _NONE:
            return None
        if text in header:
            return text
        if text.isdigit() and 0 < int(text) <= len(header):
            return header[int(text) - 1]
        print(f"  There is no column `{text}`: {', '.join(header)}")


def _map_codes(wizard: Wizard) -> Wizard:
    choices = wizard.codes()
    if choices:
        print(
            f"\nWhat does each word stand for? {_NONE} leaves it as it is; its rows are rejected by that name until it is mapped."
        )
    for choice in choices:
        wizard = wizard.with_code(choice.column, choice.word, _asked_code(choice))
    return wizard


def _asked_code(choice: CodeChoice) -> str | None:
    listed = f" ({', '.join(choice.codes)})" if choice.codes else ""
    while True:
        text: str = typer.prompt(f'  "{choice.word}" of {choice.column}{listed}', choice.code or _NONE)
        if text == _NONE:
            return None
        if text in choice.codes or not choice.codes:
            return text
        print(f"  There is no code `{text}`.")
