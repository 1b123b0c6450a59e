"""`demo`, `init` and `check`: from nothing to a configuration without errors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, emit
from promisekept.cli.daily import run_and_report, run_to_end, serve
from promisekept.cli.traces import load_settings
from promisekept.errors import ConfigError
from promisekept.evidence.signing.signing_keys import create_signing_keys
from promisekept.project import Scaffolded, open_questions, preset, presets, scaffold
from promisekept.project.wizard import Place
from promisekept.publishing.publications import newest_published
from promisekept.publishing.reader import open_current

PANEL = "Start here"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(demo)
    app.command(rich_help_panel=PANEL)(init)
    app.command(rich_help_panel=PANEL)(check)


def demo(
    home: Annotated[Path, typer.Option(help="Folder for the fictional organisation.")] = Path(".promisekept/demo"),
    serve_: Annotated[bool, typer.Option("--serve", help="Open the dashboard afterwards.")] = False,
    port: Annotated[int, typer.Option(help="Port of the dashboard on 127.0.0.1.")] = 8501,
    form: FormatOption = Format.text,
) -> None:
    """See it work: 18 months of a fictional organisation's logs, landed, computed and published."""
    from promisekept.demo import AS_OF, EARLIER_AS_OF, LANDED_AT, write_demo

    folder = home.absolute()
    config = folder / "promisekept.yml"
    if not config.exists():
        write_demo(folder)
    if newest_published(load_settings(config).home) is None:
        run_to_end(config, form, as_of=EARLIER_AS_OF.isoformat(), now=LANDED_AT.isoformat())
    run_and_report(config, form, as_of=AS_OF.isoformat(), now=LANDED_AT.isoformat())
    if form is Format.text:
        settings = load_settings(config)
        shown = _relative(config)
        print(
            f"\nSnapshots  {_relative(settings.home / 'snapshots')}\n"
            f"Dashboard  promisekept dashboard --config {shown}\n"
            f"A request  promisekept explain {_overdue_longest(settings.home)} --config {shown}"
        )
    if serve_:
        serve(config, port, headless=False)


def init(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="A new or empty folder.")] = None,
    draft_from: Annotated[
        Path | None,
        typer.Option("--from", help="A CSV, .xlsx or .ods; a mapping is drafted from its headers.", metavar="FILE"),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Of the workbook of --from; needed where several have cells.")] = None,
    preset_name: Annotated[
        str | None, typer.Option("--preset", help="A system with a preset; see --list-presets.", metavar="NAME")
    ] = None,
    list_presets: Annotated[bool, typer.Option("--list-presets", help="List the presets; write nothing.")] = False,
    log: Annotated[str | None, typer.Option(help="The log that --from belongs to. Default: guessed from its headers.")] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy the file of --from into the project; else it is read where it lies.")
    ] = False,
    organisation: Annotated[str, typer.Option(help="Its name.")] = "Example Ltd",
    country: Annotated[str, typer.Option(help="ISO 3166-1, where it is established.")] = "US",
    time_zone: Annotated[str, typer.Option(help="IANA name; its days begin at midnight there.")] = "America/New_York",
    form: FormatOption = Format.text,
) -> None:
    """Write a project folder: configuration, pack, keys and an example. In a terminal, without DIR: ask step by step."""
    if list_presets:
        _list_presets(form)
        return
    if folder is None:
        project, organisation = _asked(organisation, country, time_zone)
        _report(project, organisation, form)
        return
    chosen = None if preset_name is None else preset(preset_name)
    project = scaffold(
        folder,
        organisation=organisation,
        country=country,
        time_zone=time_zone,
        log=log,
        draft_from=draft_from,
        sheet=sheet,
        copy=copy,
        preset=chosen,
    )
    _report(project, organisation, form)


def _asked(organisation: str, country: str, time_zone: str) -> tuple[Scaffolded, str]:
    """The project that a person makes step by step, where one sits before a terminal."""
    from promisekept.cli import wizard

    if not wizard.is_terminal():
        raise ConfigError("init: a folder is needed.\n  promisekept init DIR, or promisekept init --list-presets.")
    project, place = wizard.ask(Place(organisation, country, time_zone))
    return project, place.organisation


def _report(project: Scaffolded, organisation: str, form: Format) -> None:
    """Create the signing keys, and print what was written and what is left to answer."""
    folder = project.folder
    files = [*project.files, *(file.relative_to(folder) for file in create_signing_keys(folder / "keys", organisation))]
    lines = [f"Wrote {project.folder}:", *(f"  {file}" for file in sorted(files))]
    questions = open_questions(folder, [folder / "promisekept.yml", *sorted((folder / "mappings").glob("*.sql"))])
    if questions:
        lines += ["", "Left to answer; remove a question when it is:", *(f"  {one}" for one in questions)]
    lines += ["", f"Next: promisekept check --config {project.folder}"]
    data = {"folder": project.folder, "files": sorted(files), "questions": [one.says for one in questions]}
    emit(form, data, "\n".join(lines))


def _list_presets(form: Format) -> None:
    names = presets()
    lines = [f"{one.name:<22}{one.title} ({', '.join(one.logs)})" for one in names]
    emit(form, [{"name": one.name, "title": one.title, "logs": one.logs} for one in names], "\n".join(lines))


def check(
    config: ConfigOption = HERE,
    pack: Annotated[bool, typer.Option("--pack", help="Only the pack: what of it nothing delivered could break, too.")] = False,
    form: FormatOption = Format.text,
) -> None:
    """Report what is wrong with configuration, pack, sources and mappings; change nothing."""
    from promisekept.cli.checking import check_pack, check_project

    problems, report, text = check_pack(config) if pack else check_project(config)
    emit(form, report, text)
    if problems:
        raise typer.Exit(1)


def _overdue_longest(home: Path) -> str:
    with open_current(home) as snapshot:
        rows = snapshot.cursor().execute(
            "select namespace || ':' || request_id from marts.fct_requests"
            " order by days_overdue desc nulls last, request_key limit 1"
        )
        return str(rows.fetchall()[0][0])


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
