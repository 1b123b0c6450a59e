"""Why a figure that was published is another one now: what differs between two publications and reaches the figure.

Here: comparing of what two publications are a function (landed rows, instants, pack, law, code), and the causes of one
figure among it. Not here: which figures changed (comparison.py) or what landed between (landed_rows.py).

A cause is a difference that can have changed the figure; several may hold, and all are named, in the order of CAUSES.
What reaches a figure is asked as narrowly as the catalogue allows, and only where nothing reaches it more widely: first
the logs that feed the metric and the periods of their events; then a day of slack, for places where the month began
earlier; then anything that differs at all. That time went by is the cause only where no event is. Where nothing differs
and a figure does, the marts are no function of their inputs, and nothing may be published.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from promisekept.errors import PublishingError
from promisekept.policy.registers import DECIDE_NOTHING
from promisekept.policy.thresholds import THRESHOLDS, read_thresholds
from promisekept.restatement.counted_elsewhere import OtherCount, other_counts
from promisekept.restatement.landed_rows import Arrival, State, arrivals
from promisekept.sources.contract import DIMENSIONS
from promisekept.sources.zone.ledger import Ledger

CAUSES = ("late_rows", "correction", "later_event", "conflict", "missing_events", "pack", "law", "code", "retired")
LAW = frozenset({"regimes", "jurisdictions", "calendars", "holidays"})
_DECIDE_NO_FIGURE = (
    frozenset({"clauses", "controls", "control_metrics", "attestations", "exceptions"})
    | {name for name, threshold in THRESHOLDS.items() if threshold.log is None}
    | DECIDE_NOTHING
)
_READ_BY = {
    "incident_hours": "incidents",
    "notification_rules": "incidents",
    "adequate_countries": "disclosures",
    **{name: threshold.log for name, threshold in THRESHOLDS.items() if threshold.log},
}
_JUDGING = frozenset({"organisation.time_zone", "organisation.country", "thresholds.erasure_grace_days"})
KEPT_FROM = "retention.kept_from"
"""Where a publication states from which day on the logs behind its figures are whole; see retention/landed_rows.py."""
_EVENTS = frozenset({"collections", "disclosures", "processing"})


@dataclass(frozen=True, slots=True)
class PublicationInputs:
    """Of what a snapshot's figures are a function; plain values as manifest and ledger state them."""

    id: str
    as_of: datetime
    time_zone: str
    known_seq: int
    pack: str
    code: Mapping[str, str]
    holidays: str
    configuration: Mapping[str, Any]
    metrics: frozenset[str] = frozenset()

    @classmethod
    def stated(cls, body: Mapping[str, Any]) -> PublicationInputs:
        """From a manifest or the body of a snapshot's ledger line."""
        return cls(
            id=body["id"],
            as_of=datetime.fromisoformat(body["as_of"]),
            time_zone=body["time_zone"],
            known_seq=body["known_seq"],
            pack=body["pack"]["sha256"],
            code={"code": body["code_version"], "duckdb": body["duckdb_version"]},
            holidays=body["holidays_version"],
            configuration=body.get("configuration", {}),
            metrics=frozenset(body.get("history", {}).get("metrics", ())),
        )


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric reads by the catalogue; an unknown metric may read everything."""

    logs: frozenset[str] | None = None
    registers: frozenset[str] = frozenset()
    period_by: str = ""
    is_state: bool = False


@dataclass(frozen=True, slots=True)
class ChangedFigure:
    """The figures of a metric in a closed period that changed alike; `at_worst`: only their worst case did."""

    metric_code: str
    period_start: date
    period_end: date
    at_worst: bool
    is_first_measured: bool


@dataclass(slots=True)
class Explanation:
    """Causes in order, the deliveries that brought rows, and what else differs in words."""

    causes: set[str] = field(default_factory=set)
    batches: dict[int, str] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)

    @property
    def in_order(self) -> tuple[list[str], list[str], list[str]]:
        """As the history keeps them."""
        causes = [cause for cause in CAUSES if cause in self.causes]
        return causes, [self.batches[seq] for seq in sorted(self.batches)], self.versions


class Differences:
    """Everything in which two publications differ."""

    def __init__(self, home: Path, ledger: Ledger, old: PublicationInputs, new: PublicationInputs) -> None:
        self.home, self.ledger, self.old, self.new = home, ledger, old, new
        self._reaching: dict[tuple[object, ...], dict[int, tuple[str, set[str]]]] = {}

    @cached_property
    def arrivals(self) -> list[Arrival]:
        """Landed rows that count in one of both only."""
        old, new = (State(one.known_seq, one.as_of) for one in (self.old, self.new))
        return arrivals(self.home, self.ledger, old, new, self.new.time_zone)

    @cached_property
    def other_counts(self) -> list[OtherCount]:
        """Control totals and sequences by which other events are missing."""
        old, new = (State(one.known_seq, one.as_of) for one in (self.old, self.new))
        return other_counts(self.home, self.ledger, old, new, self.new.time_zone)

    @cached_property
    def had_landed(self) -> frozenset[str]:
        """The logs of which something had landed for the old publication."""
        return frozenset(line.body["log"] for line in self.ledger.lines("batch", until=self.old.known_seq))

    @cached_property
    def code(self) -> list[str]:
        """Versions of what computes."""
        names = [name for name in self.old.code if self.old.code[name] != self.new.code[name]]
        return [f"{name} {self.old.code[name]} -> {self.new.code[name]}" for name in names]

    @cached_property
    def rules(self) -> frozenset[str]:
        """Registers and settings of the pack that differ, `holidays`, and keys of the configuration as `a.b`."""
        found = {"holidays"} if self.old.holidays != self.new.holidays else set()
        if self.old.pack != self.new.pack:
            found |= self._registers()
        return frozenset(found - _DECIDE_NO_FIGURE) | frozenset(self.configured)

    @cached_property
    def configured(self) -> dict[str, str]:
        """The organisation's settings that differ, in words."""
        one = {"organisation.time_zone": self.old.time_zone, **self.old.configuration}
        other = {"organisation.time_zone": self.new.time_zone, **self.new.configuration}
        names = sorted(name for name in {*one, *other} - {KEPT_FROM, DIMENSIONS} if one.get(name) != other.get(name))
        return {name: f"{name} {one.get(name)} -> {other.get(name)}" for name in names}

    def _registers(self) -> set[str]:
        before, after = self._pack(self.old.pack), self._pack(self.new.pack)
        if before is None or after is None:
            return {"regimes", "pack"}  # a pack that is not kept may differ in everything
        one, other = (
            content["settings"] | read_thresholds(content["settings"]) | content["registers"] for content in (before, after)
        )
        names = {*one, *other} - {"name", "version", "effective_from"}
        return {name for name in names if one.get(name) != other.get(name)}

    def _pack(self, sha256: str) -> dict[str, Any] | None:
        for line in self.ledger.lines("pack"):
            if line.content_hash == sha256:
                try:
                    content: dict[str, Any] = json.loads((self.home / "landing" / str(line.body["file"])).read_bytes())
                except OSError:
                    return None
                return content
        return None

    def explain(self, figure: ChangedFigure, metric: Metric) -> Explanation:
        """The causes of a figure that changed.

        Raises:
            PublishingError: nothing differs that could have changed it.
        """
        found = Explanation()
        if self.no_longer_kept(figure):
            self._add_retired(found)
            return found
        if self.code:
            found.causes.add("code")
            found.versions += self.code
            if figure.is_first_measured and (metric.logs is None or metric.logs & self.had_landed):
                return found
        self._add_rules(found, self._rules_of(metric))
        if figure.at_worst:
            self._add_counts(found, self._counts_of(figure, metric))
        for reach in (self._narrow, self._with_slack):
            self._add_rows(found, reach(figure, metric))
            if found.causes:
                return found
        # A figure may be there for missing events alone: it is new or gone, and not only another one in the worst case.
        self._add_counts(found, self._counts_of(figure, metric))
        if found.causes:
            return found
        self._add_rules(found, self.rules)
        self._add_rows(found, self._any(figure))
        if not found.causes:
            self._add_counts(found, self.other_counts)
        if not found.causes and self.kept_from[0] != self.kept_from[1]:
            self._add_retired(found)
        if not found.causes and self.old.as_of != self.new.as_of and not metric.is_state:
            found.causes.add("later_event")
            found.versions.append(self._as_of)
        if not found.causes:
            raise PublishingError(
                f"{figure.metric_code} of the closed period {figure.period_start} to {figure.period_end} is another figure than"
                f" in snapshot {self.old.id}, and nothing that it is made of differs.\n"
                "  This is a fault of the program: nothing was published. Delete warehouse.duckdb and run again; if that does not"
                " help, please report it."
            )
        return found

    @property
    def _as_of(self) -> str:
        return f"as_of {self.old.as_of.isoformat()} -> {self.new.as_of.isoformat()}"

    @cached_property
    def kept_from(self) -> tuple[str, str]:
        """The first day of which the logs were still whole, for the old publication and for the new one; empty = all are."""
        old, new = (str(one.configuration.get(KEPT_FROM, "")) for one in (self.old, self.new))
        return old, new

    def no_longer_kept(self, figure: ChangedFigure) -> bool:
        """Whether one publication does not state the figure any more because our own retention purged the rows behind it."""
        old, new = self.kept_from
        return old != new and figure.period_start.isoformat() < max(old, new)

    def _add_retired(self, found: Explanation) -> None:
        found.causes.add("retired")
        old, new = self.kept_from
        found.versions.append(f"logs kept from {old or 'the beginning'} -> {new or 'the beginning'}")

    def _rules_of(self, metric: Metric) -> set[str]:
        logs = metric.logs
        read = {name for name in self.rules if name in _JUDGING or name in metric.registers}
        read |= {name for name in self.rules & _READ_BY.keys() if logs is None or _READ_BY[name] in logs}
        return read | {name for name in self.rules & LAW if logs is None or "requests" in logs}

    def _counts_of(self, figure: ChangedFigure, metric: Metric) -> list[OtherCount]:
        return [
            count
            for count in self.other_counts
            if (count.day is None or count.day < figure.period_end)
            and (metric.logs is None or count.log is None or count.log in metric.logs)
        ]

    @staticmethod
    def _add_counts(found: Explanation, counts: Iterable[OtherCount]) -> None:
        for words in dict.fromkeys(count.in_words for count in counts):
            found.causes.add("missing_events")
            found.versions.append(words)

    def _add_rules(self, found: Explanation, rules: Iterable[str]) -> None:
        for name in sorted(rules):
            found.causes.add("law" if name in LAW else "pack")
            found.versions.append(self._in_words(name))

    def _in_words(self, name: str) -> str:
        if name in self.configured:
            return self.configured[name]
        if name == "holidays":
            return f"holidays {self.old.holidays} -> {self.new.holidays}"
        return f"pack {self.old.pack[:12]} -> {self.new.pack[:12]}: {name}"

    def _add_rows(self, found: Explanation, rows: Mapping[int, tuple[str, set[str]]]) -> None:
        for seq, (batch, causes) in rows.items():
            found.causes |= causes
            found.batches[seq] = batch
        if self.new.as_of < self.old.as_of and "later_event" in found.causes and self._as_of not in found.versions:
            found.versions.append(self._as_of)

    def _narrow(self, figure: ChangedFigure, metric: Metric) -> dict[int, tuple[str, set[str]]]:
        key = ("narrow", metric, figure.period_start, figure.period_end, figure.at_worst)
        return self._gathered(key, lambda: _reaching(self._of(metric), figure, metric, slack=False))

    def _with_slack(self, figure: ChangedFigure, metric: Metric) -> dict[int, tuple[str, set[str]]]:
        key = ("slack", metric, figure.period_start, figure.period_end, figure.at_worst)
        return self._gathered(key, lambda: _reaching(self._of(metric), figure, metric, slack=True))

    def _any(self, figure: ChangedFigure) -> dict[int, tuple[str, set[str]]]:
        return self._gathered(("any", figure.period_end), lambda: _anything(self.arrivals, figure))

    def _of(self, metric: Metric) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if metric.logs is None or arrival.log in metric.logs]

    def _gathered(self, key: tuple[object, ...], find: Any) -> dict[int, tuple[str, set[str]]]:
        if key not in self._reaching:
            rows: dict[int, tuple[str, set[str]]] = {}
            for arrival, cause in find():
                rows.setdefault(arrival.seq, (arrival.batch_id, set()))[1].add(cause)
            self._reaching[key] = rows
        return self._reaching[key]


def _reaching(among: Iterable[Arrival], figure: ChangedFigure, metric: Metric, *, slack: bool) -> Iterator[tuple[Arrival, str]]:
    """Rows that can reach a figure through the logs that feed it, each with the cause that it is."""
    for arrival in among:
        month = arrival.early if slack else arrival.month
        if metric.period_by == "landed_at":
            yield arrival, "correction" if arrival.kind == "correction" else _late_or_moved(arrival)
        elif arrival.kind == "reject":
            if figure.at_worst:
                yield arrival, "late_rows" if month is None or month < figure.period_end else "later_event"
        elif arrival.kind == "event":
            # The act itself is what is counted: it belongs to one period, and no life leads to another.
            alone = arrival.log in _EVENTS and metric.period_by == "occurred_at"
            if month is not None and month < figure.period_end:
                if not alone or month >= figure.period_start:
                    yield arrival, _late_or_moved(arrival)
            elif arrival.since < figure.period_end and not metric.is_state:
                yield arrival, "later_event"
        elif arrival.since < figure.period_end:
            yield arrival, arrival.kind


def _anything(among: Iterable[Arrival], figure: ChangedFigure) -> Iterator[tuple[Arrival, str]]:
    for arrival in among:
        if arrival.kind in {"correction", "conflict"}:
            yield arrival, arrival.kind
        else:
            late = arrival.early is None or arrival.early < figure.period_end
            yield arrival, _late_or_moved(arrival) if late else "later_event"


def _late_or_moved(arrival: Arrival) -> str:
    """Rows of a period that was closed are late, unless both publications knew them and `as_of` moved over them."""
    return "later_event" if arrival.had_landed else "late_rows"
