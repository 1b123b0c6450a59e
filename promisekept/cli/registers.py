"""`registers import`: dated rows of a pack from vendor lists, tables and records of processing, and what each version changed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, clock, emit, table
from promisekept.cli.traces import load_settings
from promisekept.errors import ConfigError
from promisekept.policy.registers import REGISTERS
from promisekept.presentation import formats
from promisekept.project.register_tables import Imported, read_record, read_register
from promisekept.project.register_versions import Difference, merge, read_rows, write_rows
from promisekept.project.vendor_list import read_vendor_list

PANEL = "Start here"
_SHOWN = 200


class Kind(StrEnum):
    """What a file is."""

    vendor_list = "vendor-list"
    table = "table"
    record = "record"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(no_args_is_help=True, help="Import registers of the pack as dated rows.")
    group.callback()(_group)
    group.command("import")(registers_import)
    app.add_typer(group, name="registers", rich_help_panel=PANEL)


def _group() -> None:
    """Import registers of the pack as dated rows."""


def registers_import(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Versions, in any order.")],
    kind: Annotated[
        Kind | None,
        typer.Option(
            help="vendor-list: IAB Europe's vendor-list.json. table: one register as CSV, .xlsx or .ods. record: a record of"
            " processing activities (ICO or CNIL template). Default: by --register and the file's name.",
        ),
    ] = None,
    into: Annotated[str | None, typer.Option("--register", help="Of a table: the register that it is.")] = None,
    on: Annotated[str | None, typer.Option(help="The day from which a table or record is valid. Default: today.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook with a table.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the differences; write nothing.")] = False,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Add versions to the registers of the pack; show what each adds, changes and ends."""
    settings = load_settings(config)
    day = _day(on) if on else formats.local(clock(), settings.organisation.time_zone).date()
    imported = [_read(file, kind, into, day, sheet) for file in files]
    names = {name for one in imported for name in one.version.rows}
    merged, differences = merge({name: read_rows(settings.pack, name) for name in names}, [one.version for one in imported])
    changed = sorted({one.register for one in differences})
    if not dry_run:
        for name in changed:
            write_rows(settings.pack, name, merged[name])
    questions = list(dict.fromkeys(question for one in imported for question in one.questions))
    data = {
        "written": [] if dry_run else [settings.pack / f"{name}.csv" for name in changed],
        "differences": [
            {"version": one.version, "on": one.on, "register": one.register, "code": one.code, "kind": one.kind}
            | {"columns": {name: {"before": before, "after": after} for name, (before, after) in one.columns.items()}}
            for one in differences
        ],
        "questions": questions,
    }
    emit(form, data, "\n".join(_text(differences, changed, questions, dry_run=dry_run)))


def _read(file: Path, kind: Kind | None, into: str | None, day: date, sheet: str | None) -> Imported:
    if into is not None and into not in REGISTERS:
        raise ConfigError(f"--register {into}: there is no such register.\n  Registers: {', '.join(REGISTERS)}")
    chosen = kind or (Kind.table if into else Kind.vendor_list if file.suffix == ".json" else Kind.record)
    if chosen is Kind.vendor_list:
        return Imported(read_vendor_list(file))
    if chosen is Kind.record:
        return read_record(file, day)
    if into is None:
        raise ConfigError("registers import: a table needs its register.\n  Name it with --register, e.g. --register recipients")
    return read_register(file, into, day, sheet)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--on {text}: this is no date.\n  Write it as 2026-09-30.") from None


def _text(differences: list[Difference], changed: list[str], questions: list[str], *, dry_run: bool) -> list[str]:
    rows = [(one.version, one.on.isoformat(), one.register, one.code, one.kind, _columns(one)) for one in differences[:_SHOWN]]
    lines = table(("version", "on", "register", "code", "change", "columns"), rows).splitlines() if rows else []
    if len(differences) > _SHOWN:
        lines.append(f"{_SHOWN} of {len(differences):,} differences are shown; --format json prints all.")
    lines += ["", "To confirm:", *(f"  {one}" for one in questions)] if questions else []
    if not differences:
        return [*lines, "Nothing differs from the registers of the pack."]
    files = ", ".join(f"{name}.csv" for name in changed)
    return [*lines, "", f"Would write {files}." if dry_run else f"Wrote {files}. Next: promisekept check --pack"]


def _columns(one: Difference) -> str:
    return "; ".join(f"{name}: {before or '-'} -> {after or '-'}" for name, (before, after) in one.columns.items())
