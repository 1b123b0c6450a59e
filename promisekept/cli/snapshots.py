"""`explain` and `snapshots`: where a number comes from, and what was published when."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, clock, emit, table
from promisekept.cli.traces import load_settings
from promisekept.errors import ConfigError
from promisekept.presentation import formats, labels
from promisekept.publishing.difference import difference
from promisekept.publishing.reader import open_current, read_current
from promisekept.publishing.store import SnapshotStore

PANEL = "Look closer"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(explain)
    group = typer.Typer(no_args_is_help=True, help="List, compare and roll back what was published.")
    group.command("list")(snapshots_list)
    group.command("show")(snapshots_show)
    group.command("diff")(snapshots_diff)
    group.command("rollback")(snapshots_rollback)
    app.add_typer(group, name="snapshots", rich_help_panel=PANEL)


def explain(
    request: Annotated[str, typer.Argument(metavar="[NAMESPACE:]REQUEST_ID")],
    right: Annotated[str | None, typer.Option(help="Only this right, e.g. access.")] = None,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Show step by step how the deadline of a request came about."""
    settings = load_settings(config)
    with open_current(settings.home) as snapshot:
        namespace, _, rest = request.partition(":")
        found = _traces(snapshot.cursor(), rest, namespace) if rest else []
        found = found or _traces(snapshot.cursor(), request, None)
        found = [row for row in found if right in (None, row["right_type"])]
        if not found:
            selection = f" with right `{right}`" if right else ""
            raise ConfigError(
                f"{request}: snapshot {snapshot.id} has no such request{selection}.\n"
                "  Ids are compared letter by letter; a rejected row is in `promisekept quarantine list`."
            )
    emit(form, found, "\n\n".join(_request_text(row) for row in found))


def _traces(cursor: Any, request_id: str, namespace: str | None) -> list[dict[str, Any]]:
    rows = cursor.execute(
        """
        select request_key, namespace, request_id, right_type, status, due_date, trace
        from marts.fct_requests inner join marts.fct_request_traces using (request_key)
        where request_id = ? and (?::varchar is null or namespace = ?)
        order by request_key
        """,
        [request_id, namespace, namespace],
    ).fetchall()
    names = ("request_key", "namespace", "request_id", "right_type", "status", "due_date", "trace")
    return [dict(zip(names, row, strict=True)) | {"trace": json.loads(row[-1])} for row in rows]


def _request_text(row: dict[str, Any]) -> str:
    steps = [
        (position, labels.DEADLINE_STEPS.get(step["step"], step["step"]), step["says"], step.get("why") or "")
        for position, step in enumerate(row["trace"], 1)
    ]
    return f"{row['namespace']}:{row['request_id']} · {labels.label(labels.RIGHTS, row['right_type'])}\n" + table(
        ("", "Step", "What happened", "Why"), steps
    )


def snapshots_list(config: ConfigOption = HERE, form: FormatOption = Format.text) -> None:
    """Every snapshot, newest first, with the current one marked."""
    settings = load_settings(config)
    store = SnapshotStore(settings.home)
    current = read_current(settings.home)
    entries = [
        dict(snapshot.manifest)
        | {"current": snapshot.current, "retired": snapshot.retired, "restatements": snapshot.restatements}
        for snapshot in store.list()
    ]
    zone = settings.organisation.time_zone
    rows = [
        (
            "●" if entry["current"] else "",
            entry["id"],
            _local(entry["as_of"], zone),
            _local(entry["published_at"], zone),
            entry["code_version"],
            entry["restatements"],
        )
        for entry in entries
    ]
    headings = ("", "Snapshot", "As of", "Published", "Code", "Restated")
    text = table(headings, rows, frozenset({5})) if rows else "Nothing has been published yet."
    refused = current and current.get("refused")
    if refused:
        when = _local(refused["at"], zone)
        text += f"\n\nThe publish gate rejected the run of {when}: {refused['failed']} of {refused['declared']} checks failed.\n"
        text += "\n".join(f"  {check['suite']}: {check['type']} {check['column'] or ''}".rstrip() for check in refused["checks"])
    emit(form, {"snapshots": entries, "refused": refused or None}, text)


def snapshots_show(
    snapshot: Annotated[str, typer.Argument(metavar="ID")], config: ConfigOption = HERE, form: FormatOption = Format.text
) -> None:
    """One snapshot's manifest."""
    manifest = SnapshotStore(load_settings(config).home).get(snapshot).manifest
    tables = [(name, facts["rows"], facts["hash"]) for name, facts in sorted(manifest["tables"].items())]
    facts = [(name, value) for name, value in manifest.items() if not isinstance(value, dict)]
    emit(form, manifest, f"{table(('', ''), facts)}\n\n{table(('Mart', 'Rows', 'Content hash'), tables, frozenset({1}))}")


def snapshots_diff(
    before: Annotated[str, typer.Argument(metavar="A")],
    after: Annotated[str, typer.Argument(metavar="B")],
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Which marts and figures differ between two snapshots, and why figures of closed periods were restated."""
    found = difference(load_settings(config).home, before, after)
    emit(form, found.as_dict(), found.as_text())


def snapshots_rollback(
    snapshot: Annotated[str, typer.Argument(metavar="ID")], config: ConfigOption = HERE, form: FormatOption = Format.text
) -> None:
    """Publish old content again, under a new number and with a banner."""
    from promisekept.publishing.lock import writer_lock
    from promisekept.restatement.comparison import compare_snapshot
    from promisekept.sources.zone.ledger import Ledger

    settings = load_settings(config)
    with writer_lock(settings.home, wait_seconds=60):
        store, ledger = SnapshotStore(settings.home), Ledger.open(settings.home)
        comparison = compare_snapshot(settings.home, ledger, store.intact_folder(snapshot, ledger))
        current = store.rollback(snapshot, comparison, ledger, clock())
    emit(form, {"snapshot": current.id, "content_of": snapshot}, f"Snapshot {current.id} now shows the content of {snapshot}.")


def _local(text: str, zone: str) -> str:
    return formats.instant(datetime.fromisoformat(text), zone)
