"""Figures of the pipeline itself, as OpenMetrics text: rows, seconds, verdicts, freshness; none of them about a person.

Here: the families, and the text. Not here: the figures of the organisation (the marts hold those).

The text is read by what scrapes OpenMetrics 1.0, and by a collector of text files that reads only the older Prometheus format:
so there are gauges and counters alone, no sample has a time stamp, and each family is written once, samples in a fixed order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from promisekept import __version__
from promisekept.config.settings import Settings
from promisekept.durable import replace_durably
from promisekept.errors import PublishingError
from promisekept.monitoring.alert_state import ChannelQueue, recall
from promisekept.monitoring.conditions import delivery, expected_by, freshness
from promisekept.monitoring.run_status import OUTCOMES, read_last_run
from promisekept.presentation.statuses import VERDICTS
from promisekept.publishing.publications import last_sequence
from promisekept.publishing.reader import open_current, read_current
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.ledger import Ledger

FILE = "metrics.prom"
ROW_OUTCOMES = ("landed", "duplicate", "superseding", "conflicting", "quarantined")
_FRESHNESS = ("fresh", "stale", "unknown")


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its name without `promisekept_` and `_total`, what it means, and its samples by label set."""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    samples: tuple[tuple[Mapping[str, str], float], ...]
    unit: str = ""

    @property
    def full_name(self) -> str:
        """As it is scraped."""
        return f"promisekept_{self.name}"


def families(settings: Settings, at: datetime) -> tuple[Family, ...]:
    """Every metric of a home at an instant; what never happened has no sample.

    Raises:
        LedgerError: the ledger can't be trusted.
    """
    ledger = Ledger.open(settings.home)
    return (
        _gauge("build", "The program's version, as a label.", [({"version": __version__}, 1)]),
        *_landed(settings, ledger),
        *_sources(settings, ledger, at),
        *_last_run(settings.home),
        *_snapshot(settings.home, ledger),
        *_waiting(settings, at),
    )


def text(found: Iterable[Family]) -> str:
    """The families as OpenMetrics 1.0, with the mark of its end."""
    lines: list[str] = []
    for family in (one for one in found if one.samples):
        name = family.full_name
        lines += [f"# TYPE {name} {family.kind}"]
        lines += [f"# UNIT {name} {family.unit}"] if family.unit else []
        lines += [f"# HELP {name} {_escaped(family.help)}"]
        suffix = "_total" if family.kind == "counter" else ""
        for labels, value in family.samples:
            inside = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
            lines.append(f"{name}{suffix}{{{inside}}} {_number(value)}" if inside else f"{name}{suffix} {_number(value)}")
    return "\n".join([*lines, "# EOF"]) + "\n"


def write_metrics(settings: Settings, at: datetime) -> Path:
    """Swap `metrics.prom` below home: whoever collects it sees the old figures or the new. Needs the writer lock."""
    for torn in settings.home.glob(f".{FILE}-*"):
        torn.unlink(missing_ok=True)
    file = settings.home / FILE
    replace_durably(file, text(families(settings, at)).encode())
    return file


def _landed(settings: Settings, ledger: Ledger) -> Iterable[Family]:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    files: dict[tuple[str, str], int] = {}
    for line in ledger.lines("batch"):
        key = (line.body["source"], line.body["log"])
        files[key] = files.get(key, 0) + 1
        summed = counts.setdefault(key, dict.fromkeys(ROW_OUTCOMES, 0))
        for name in ROW_OUTCOMES:
            summed[name] += line.body["counts"][name]
    rows = [
        ({"source": source, "log": log, "class": name}, summed[name])
        for (source, log), summed in sorted(counts.items())
        for name in ROW_OUTCOMES
    ]
    batches = [({"source": source, "log": log}, number) for (source, log), number in sorted(files.items())]
    sources_of_rejects = [str(line.body["source"]) for line in Zone(settings.home, ledger).still_rejected()]
    yield _counter("rows", "Rows read from each source, by what became of them when they were read.", rows)
    yield _counter("batches", "Deliveries that landed, those that were landed again included.", batches)
    yield _gauge(
        "held_back_files",
        "Files that are rejected as a whole.",
        [({"source": source.name}, sources_of_rejects.count(source.name)) for source in settings.sources],
    )


def _sources(settings: Settings, ledger: Ledger, at: datetime) -> Iterable[Family]:
    state, last, due = [], [], []
    for source in settings.sources:
        labels, delivered = {"source": source.name}, delivery(ledger, source.name)
        found = freshness(source, delivered, at)
        state += [(labels | {"state": one}, float(one == found)) for one in _FRESHNESS]
        last += [(labels, delivered.timestamp())] if delivered else []
        by = expected_by(source, delivered)
        due += [(labels, by.timestamp())] if by else []
    yield _gauge("source_freshness", "1 for the state that each source was in when this was written.", state)
    yield _gauge("source_delivery_timestamp_seconds", "When each source delivered last.", last, "seconds")
    yield _gauge("source_expected_timestamp_seconds", "When its next delivery is due at the latest.", due, "seconds")


def _last_run(home: Path) -> Iterable[Family]:
    run = read_last_run(home)
    if run is None:
        return
    yield _gauge("run_outcome", "1 for how the last run ended.", [({"outcome": one}, one == run.outcome) for one in OUTCOMES])
    yield _gauge("run_began_timestamp_seconds", "When the last run began.", [({}, run.began.timestamp())], "seconds")
    if run.ended:
        yield _gauge("run_ended_timestamp_seconds", "When it ended.", [({}, run.ended.timestamp())], "seconds")
        yield _gauge("run_seconds", "How long it took.", [({}, (run.ended - run.began).total_seconds())], "seconds")
    if run.last_success:
        at = run.last_success.timestamp()
        yield _gauge("run_last_success_timestamp_seconds", "When a run last ended with a snapshot.", [({}, at)], "seconds")
    stages = [({"stage": stage}, seconds) for stage, seconds in run.seconds.items()]
    yield _gauge("stage_seconds", "How long each stage of the last run took, all attempts together.", stages, "seconds")


def _snapshot(home: Path, ledger: Ledger) -> Iterable[Family]:
    yield _gauge("ledger_sequence", "The last line of the ledger.", [({}, ledger.seq)])
    yield _gauge("snapshot_sequence", "The last snapshot that was published.", [({}, last_sequence(ledger))])
    record = read_current(home)
    if record is not None:
        yield _gauge("gate_refused", "1 where the publish gate rejected the last candidate.", [({}, bool(record["refused"]))])
    with suppress(PublishingError), open_current(home) as snapshot:
        as_of = datetime.fromisoformat(snapshot.manifest["as_of"]).timestamp()
        rows = snapshot.cursor().execute(
            "select status, count(*) from marts.fct_control_status where period_grain = 'to_date' group by status"
        )
        controls = dict(rows.fetchall())
        checks = [({"result": "declared"}, snapshot.quality["declared"]), ({"result": "passed"}, snapshot.quality["passed"])]
        yield _gauge(
            "snapshot_as_of_timestamp_seconds",
            "The instant as of which the current snapshot was computed.",
            [({}, as_of)],
            "seconds",
        )
        yield _gauge("gate_checks", "Checks of the publish gate on the current snapshot.", checks)
        yield _gauge(
            "controls",
            "Controls of the current snapshot by verdict, to date.",
            [({"verdict": verdict}, controls.get(verdict, 0)) for verdict in VERDICTS],
        )


def _waiting(settings: Settings, at: datetime) -> Iterable[Family]:
    queues = recall(settings.home, at).queues
    names = [channel.name for channel in settings.alerts.channels]
    waiting = [({"channel": name}, len(queues.get(name, ChannelQueue()).pending)) for name in names]
    yield _gauge("alerts_waiting", "Alerts that each channel could not deliver yet.", waiting)


def _gauge(name: str, help_: str, samples: Sequence[tuple[Mapping[str, str], float]], unit: str = "") -> Family:
    return Family(name, "gauge", help_, tuple(samples), unit)


def _counter(name: str, help_: str, samples: Sequence[tuple[Mapping[str, str], float]]) -> Family:
    return Family(name, "counter", help_, tuple(samples))


def _number(value: float) -> str:
    whole = int(value)
    return str(whole) if whole == value else repr(round(value, 6))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
