"""What `check` looks at, in the order in which a person can fix it: configuration, pack, sources and their mappings."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from promisekept.cli.console import clock, table
from promisekept.cli.traces import load_settings
from promisekept.config.readers import KINDS, Files
from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import PackError, PromisekeptError
from promisekept.policy import Target, at_risk, ending_soon, load_pack
from promisekept.policy.calendars import YEARS_AHEAD
from promisekept.project import open_questions
from promisekept.publishing.publications import newest_published
from promisekept.publishing.reader import open_current
from promisekept.remediation.inbox import find_inbox
from promisekept.sources.extract.files import find_files_of
from promisekept.sources.landing.dry_run import DryRun, dry_run
from promisekept.sources.landing.read_twice import read_twice
from promisekept.sources.landing.validation import REASONS


def check_project(config: Path) -> tuple[bool, dict[str, Any], str]:
    """Check everything and change nothing.

    Args:
        config: promisekept.yml or its folder; a configuration that can't be read at all is an error, not a finding.

    Returns:
        Whether something is wrong, the report as data, and as text.
    """
    settings = load_settings(config)
    pack_problem = _pack_problem(settings)
    found = find_files_of([source for source in settings.sources if isinstance(source.reader, Files)], clock())
    twice = read_twice(settings.sources, found)
    trials = [_try_source(settings, source, twice.get(source.name)) for source in settings.sources]
    mappings = dict.fromkeys(source.mapping for source in settings.sources if source.mapping is not None)
    questions = open_questions(settings.base, [settings.config, *mappings])
    wrong = bool(pack_problem) or any(not trial["sound"] for trial in trials)
    doubts = [f"{trial['source']}: {doubt}" for trial in trials for doubt in trial["doubts"]] + _unmeasured(settings, trials)
    doubts += _calendars_that_end(settings, trials)
    report = {
        "config": settings.config,
        "pack": {"folder": settings.pack, "problem": pack_problem},
        "sources": trials,
        "left_to_answer": [asdict(one) for one in questions],
        "doubts": doubts,
        "sound": not wrong,
    }
    lines = [f"Configuration  {settings.config}", f"Pack           {settings.pack}"]
    lines += [f"  {line}" for line in pack_problem.splitlines()] if pack_problem else ["  every promise leads to a figure"]
    lines.append("")
    for trial in trials:
        lines += _trial_lines(trial)
    if questions:
        lines += ["Left to answer; remove a question when it is:", *(f"  {one}" for one in questions), ""]
    if doubts:
        lines += ["Doubtful:", *(f"  {doubt}" for doubt in doubts), ""]
    lines.append(_conclusion(wrong=wrong, open_points=len(questions) + len(doubts)))
    return wrong, report, "\n".join(lines)


def _conclusion(*, wrong: bool, open_points: int) -> str:
    if wrong:
        return "Something needs fixing."
    if open_points:
        return f"It would run, but {open_points} point(s) above are open, and figures rest on them. Next: promisekept run"
    return "Nothing is wrong. Next: promisekept run"


def _unmeasured(settings: Settings, trials: Iterable[dict[str, Any]]) -> list[str]:
    """Sources whose due dates no control of the pack assesses."""
    declaring = [trial["source"] for trial in trials if trial["declares_due_dates"]]
    if not declaring:
        return []
    try:
        pack = load_pack(settings.pack, settings.organisation)
    except PackError:
        return []
    if any(row["metric_code"] == "declared_adherence" for row in pack.rows("control_metrics")):
        return []
    return [
        f"{', '.join(declaring)}: requests of the regime DECLARED are due when their source states, which only the metric"
        " declared_adherence measures, and no control of the pack requires it: add it to control_metrics.csv"
    ]


def _calendars_that_end(settings: Settings, trials: Iterable[dict[str, Any]]) -> list[str]:
    """Calendars without holidays for the two years after the newest instant that is known here; no clock decides it."""
    instants = [event["occurred_at"] for trial in trials for event in trial["events"]]
    if newest_published(settings.home) is not None:
        with open_current(settings.home) as snapshot:
            instants.append(datetime.fromisoformat(str(snapshot.manifest["as_of"])))
    try:
        pack = load_pack(settings.pack, settings.organisation)
    except PackError:
        return []
    if not instants:
        return []
    newest = max(instants)
    return [
        f"calendar {code}: its holidays are known until {last_day}, less than {YEARS_AHEAD} years after {newest:%Y}: requests"
        " that fall due later find no rule. Install a version of promisekept whose library of holidays has them"
        for code, last_day in ending_soon(pack.rows("calendars"), newest)
    ]


def check_pack(config: Path) -> tuple[bool, dict[str, Any], str]:
    """Check the pack alone, and which of its promises nothing that was delivered could break.

    What was delivered is read from the current snapshot; before the first one, from the logs that have a source.

    Returns:
        Whether something is wrong, the report as data, and as text. A target that can't fail is listed, and is not wrong.
    """
    from orchestration.pipeline import catalogue

    settings = load_settings(config)
    lines = [f"Configuration  {settings.config}", f"Pack           {settings.pack}"]
    report: dict[str, Any] = {"config": settings.config, "pack": {"folder": settings.pack, "problem": None}}
    if problem := _pack_problem(settings):
        report |= {"pack": {"folder": settings.pack, "problem": problem}, "sound": False}
        return True, report, "\n".join([*lines, *(f"  {line}" for line in problem.splitlines())])
    snapshot, units = _units_at_risk(settings.home)
    pack = load_pack(settings.pack, settings.organisation)
    found = at_risk(pack, catalogue(), {source.log for source in settings.sources}, units)
    report |= {"snapshot": snapshot, "at_risk": asdict(found), "sound": True}
    delivered = f"by snapshot {snapshot}" if snapshot else "by the logs that have a source; nothing has been published yet"
    lines += ["  every promise leads to a figure", f"At risk        {delivered}", ""]
    rows = [(*one.target, one.why) for one in found.controls]
    lines += _listed(
        "Nothing could fail these controls", table(("control", "metric", "dimension", "value", "why"), rows).splitlines(), rows
    )
    lines += _listed("These promises have no metric at risk", found.promises, found.promises)
    lines += _listed("These findings count against no control", found.findings, found.findings)
    return False, report, "\n".join(lines).rstrip()


def _listed(title: str, lines: Iterable[str], items: Sized) -> list[str]:
    return [f"{title}:", *(f"  {line}" for line in lines), ""] if items else [f"{title}: none", ""]


def _units_at_risk(home: Path) -> tuple[str | None, dict[Target, int]]:
    """The current snapshot, and by target how many units were at risk in everything to date, assessed or not."""
    if newest_published(home) is None:
        return None, {}
    with open_current(home) as snapshot:
        rows = snapshot.cursor().execute(
            "select control_id, metric_code, dimension, dimension_value,"
            " coalesce(denominator, units) + unjudged_units + pending_units"
            " from marts.fct_control_results where period_grain = 'to_date' and metric_code is not null"
        )
        return snapshot.id, {(control, metric, by, value): units for control, metric, by, value, units in rows.fetchall()}


def _pack_problem(settings: Settings) -> str | None:
    from orchestration.pipeline import read_pack

    try:
        read_pack(settings)
    except PackError as error:
        return str(error)
    return None


def _try_source(settings: Settings, source: Source, problem: PromisekeptError | None) -> dict[str, Any]:
    try:
        if problem is not None:
            raise problem
        trial = dry_run(settings, source, clock())
    except PromisekeptError as error:
        empty = DryRun(source.name, source.log, 0, None, {}, {}, str(error), ())
        return asdict(empty) | {"sound": False, "path": source.where, "waits": False}
    inbox = find_inbox(settings)
    waits = trial.tried is None and trial.held_back is None and inbox is not None and inbox.source == source.name
    return asdict(trial) | {"sound": trial.sound or waits, "path": source.where, "waits": waits}


def trial_lines(trial: DryRun) -> list[str]:
    """What would land of a file, as text."""
    return _trial_lines(asdict(trial) | {"path": trial.tried or "", "waits": False})


def _trial_lines(trial: dict[str, Any]) -> list[str]:
    lines = [f"Source {trial['source']} ({trial['log']})", *_counted_elsewhere(trial)]
    if trial["held_back"]:
        return [*lines, f"  {trial['held_back']}", ""]
    if trial["waits"]:
        return [*lines, f"  the page Findings writes to {trial['path']}; nothing was recorded yet", ""]
    if trial["tried"] is None:
        return [*lines, f"  {_nothing(trial['path'])}", ""]
    counts = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in trial["counts"].items() if number)
    lines.append(f"  {trial['files']} file(s); {trial['tried']} would give: {counts or 'no rows'}")
    if trial["sequence"]:
        lines.append(f"  sequence: {trial['sequence']}")
    lines += [f"  rejected {number:,}: {reason}, {REASONS[reason]}" for reason, number in trial["refused"].items()]
    if trial["refused_rows"]:
        rejects = [
            (row["row_number"], row["events"], row["reason"], row["column_name"] or "", row["value"] or "")
            for row in trial["refused_rows"]
        ]
        lines += _indented(("row", "events", "rejected for", "column", "value"), rejects)
    if trial["events"]:
        shown = [
            (event["row_number"], event["event_id"], event.get("event_type", ""), event["occurred_at"].isoformat(), _rest(event))
            for event in trial["events"]
        ]
        lines += _indented(("row", "event_id", "event_type", "occurred_at (UTC)", ""), shown)
    return [*lines, ""]


def _nothing(path: str) -> str:
    """Why there was nothing to try: files have a path, what is asked has the name of its kind."""
    if path.split(":", 1)[0] in KINDS:
        return f"{path} was asked and has no row, so that nothing could be tried; widen the query, or wait for its first row"
    return f"no finished file matches {path}; put one there, or correct reader.path"


def _counted_elsewhere(trial: dict[str, Any]) -> list[str]:
    """What the rows will be compared with."""
    if trial["control_problem"]:
        return [f"  {line}" for line in trial["control_problem"].splitlines()]
    return [f"  independent record count: {trial['control_total'] or 'none'}"]


def _indented(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    return [f"  {line}" for line in table(header, rows).splitlines()]


def _rest(event: dict[str, Any]) -> str:
    shown = {"row_number", "event_id", "event_type", "occurred_at", "namespace", "revision", "subject_key", "subject_ref_type"}
    return " ".join(f"{name}={value}" for name, value in event.items() if name not in shown)
