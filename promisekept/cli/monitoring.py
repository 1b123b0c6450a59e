"""`metrics`, `alerts` and `digest`: the state of runs that nobody watches, and of a week or a month.

Here: showing it, and looking once for who has no daemon that does. Not here: computing it (promisekept/monitoring).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, clock, emit, table
from promisekept.cli.traces import load_settings
from promisekept.errors import ConfigError
from promisekept.monitoring.alert_state import Alert, ChannelQueue, recall
from promisekept.monitoring.alerts import evaluate
from promisekept.monitoring.channels import Message, send
from promisekept.monitoring.digests import digest_of, send_digests
from promisekept.monitoring.openmetrics import families
from promisekept.monitoring.openmetrics import text as as_text
from promisekept.monitoring.subscriptions import EVERY

PANEL = "Every day"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(metrics)
    app.command(rich_help_panel=PANEL)(digest)
    group = typer.Typer(no_args_is_help=True, help="What is wrong just now, and notifying whoever is responsible.")
    group.command("list")(alerts_list)
    group.command("send")(alerts_send)
    group.command("test")(alerts_test)
    app.add_typer(group, name="alerts", rich_help_panel=PANEL)


def metrics(config: ConfigOption = HERE, form: FormatOption = Format.text) -> None:
    """Figures of the pipeline itself as OpenMetrics text: rows, seconds, verdicts, freshness."""
    found = families(load_settings(config), clock())
    data = [{"name": one.full_name, **{name: value for name, value in asdict(one).items() if name != "name"}} for one in found]
    emit(form, data, as_text(found).rstrip("\n"))


def digest(
    every: Annotated[str, typer.Option(help="weekly or monthly: which one --dry-run shows.")] = "weekly",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, and send nothing.")] = False,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Send the digest of the last week or month to whoever subscribed to it and has not had it yet.

    Raises:
        ConfigError: there is no such digest.
        typer.Exit: code 1 where a channel did not take it.
    """
    settings, at = load_settings(config), clock()
    if dry_run:
        wanted = next((one for one in EVERY if one == every), None)
        if wanted is None:
            raise ConfigError(f"--every: `{every}` is none.\n  Use one of: {', '.join(EVERY)}.")
        shown = digest_of(settings, wanted, at)
        emit(form, asdict(shown), shown.text)
        return
    sent = send_digests(settings, at)
    rows = [(one.person, one.window, one.error or "took it") for one in sent]
    emit(form, [asdict(one) for one in sent], table(("Person", "Period", ""), rows) if rows else "Nobody waits for a digest.")
    if any(one.error for one in sent):
        raise typer.Exit(1)


def alerts_list(config: ConfigOption = HERE, form: FormatOption = Format.text) -> None:
    """What is bad just now, and what waits for a channel; notifies nobody.

    Raises:
        typer.Exit: code 1 where something is bad.
    """
    from orchestration.monitoring import due_before

    settings, at = load_settings(config), clock()
    memory = recall(settings.home, at)
    found = [condition for condition in evaluate(settings, memory, at, due_before(settings, at)) if condition.is_bad]
    channels = [(channel.name, memory.queues.get(channel.name, ChannelQueue())) for channel in settings.alerts.channels]
    parts = [table(("", ""), [(one.key, one.says) for one in found]).lstrip("\n") if found else "Nothing is bad."]
    rows = [(name, len(queue.pending), queue.failing_since, queue.error or None) for name, queue in channels]
    parts.append(
        table(("Channel", "Waiting", "Failing since", ""), rows) if rows else "No channel is configured: docs/operate.md."
    )
    data = {"bad": [asdict(one) for one in found], "channels": {name: asdict(queue) for name, queue in channels}}
    emit(form, data, "\n\n".join(parts))
    if found:
        raise typer.Exit(1)


def alerts_send(config: ConfigOption = HERE, form: FormatOption = Format.text) -> None:
    """Look once, and notify every channel of what changed: for a cron line where no Dagster daemon looks."""
    from orchestration.monitoring import look

    alerts = look(load_settings(config), clock())
    emit(form, [asdict(alert) for alert in alerts], "\n".join(alert.says for alert in alerts) or "Nothing has changed.")


def alerts_test(config: ConfigOption = HERE, form: FormatOption = Format.text) -> None:
    """Send every channel a harmless message, and show which took it.

    Raises:
        ConfigError: there is no channel.
        typer.Exit: code 1 where one did not take it.
    """
    settings = load_settings(config)
    if not settings.alerts.channels:
        raise ConfigError(f"{settings.config}: alerts: no channel is configured.\n  docs/operate.md shows a webhook and e-mail.")
    at = clock().isoformat(timespec="seconds")
    alert = Alert("test", "test", "", "test", "", at, is_bad=False, says="This is a test; nothing is wrong.")
    message = Message(settings.organisation.name, (alert,), 0, settings.alerts.link, at)
    errors = {channel.name: send(channel, message) for channel in settings.alerts.channels}
    emit(form, errors, table(("Channel", ""), [(name, error or "took it") for name, error in errors.items()]))
    if any(errors.values()):
        raise typer.Exit(1)
