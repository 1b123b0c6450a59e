"""A small organisation for tests: a few requests in, the published rows out.

Here: landing events through the product's own front rooms and running its stages for an instant, so that a test reads as a
case. Not here: any rule; a world returns what the product computes. Times may be written as dates: noon at the person's
place for an event, noon UTC for an instant.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import model_builds
import yaml
from oracles.deadlines import evaluate
from oracles.events import EVENT_TYPES, Event, Place
from oracles.law import PACKAGED_LAW, read_law

from orchestration import pipeline
from orchestration.build_mode import REMEMBER
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.sources.landing.land import Landed
from promisekept.sources.zone.keys import create_key

LONG_AFTER = datetime(2030, 1, 1, tzinfo=UTC)
DEADLINES = ("fct_requests",)
PACK = {
    "pack.yml": "name: One promise\nversion: '1'\neffective_from: 2018-05-25\n",
    "clauses.csv": "clause_id,section,promise,source,assessed_by,limits\n"
    "C-1,1,We answer each request within the time that the law allows,law,measured,\n",
    "controls.csv": "control_id,clause_id,logs\nCTL-DEADLINE,C-1,requests\n",
    "control_metrics.csv": "control_id,metric_code,dimension,dimension_value,operator,target\n"
    "CTL-DEADLINE,deadline_adherence,all,all,>=,0.95\n",
}


class Row(dict[str, Any]):
    """One published row; equal to a dict when it agrees with it in the columns that the dict names."""

    def __eq__(self, expected: object) -> bool:
        if isinstance(expected, dict):
            return all(column in self and self[column] == value for column, value in expected.items())
        return NotImplemented

    def __hash__(self) -> int:
        return id(self)


@dataclass
class Request:
    """The life of one request; each event type is a method: `.extended("2026-04-13")`."""

    world: World
    request_id: str
    jurisdiction: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def happened(self, event_type: str, at: str | datetime, **columns: Any) -> Request:
        """One more event; `right_type` and other columns of the contract as keywords."""
        instant = self.world.instant(at, self.jurisdiction)
        event = {
            "event_id": columns.pop("event_id", f"{self.request_id}:{len(self.events)}:{event_type}"),
            "request_id": self.request_id,
            "event_type": event_type,
            "occurred_at": instant.isoformat(),
            **{
                name: self.world.instant(value, self.jurisdiction).isoformat() if name.endswith("_at") else value
                for name, value in columns.items()
                if value is not None
            },
        }
        self.events.append(event)
        self.world.events.append(event)
        return self

    def __getattr__(self, event_type: str) -> Any:
        if event_type not in EVENT_TYPES:
            raise AttributeError(event_type)
        return lambda at, **columns: self.happened(event_type, at, **columns)

    def evaluated_by_the_oracle(self, right_type: str, as_of: datetime) -> dict[str, Any] | None:
        """The second opinion, by column."""
        verdict = evaluate(
            [as_event(event) for event in self.events], right_type, self.world.places[self.jurisdiction], read_law(), as_of
        )
        return None if verdict is None else {name: plain(value) for name, value in verdict.as_dict().items()}


@dataclass
class Report:
    """What one run built, by table."""

    marts: Path

    def table(self, name: str, where: str = "true") -> list[Row]:
        """Every row of a mart; dates and instants as ISO text."""
        with duckdb.connect(str(self.marts), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            cursor = connection.execute(f"select * from marts.{name} where {where}")
            names = [column[0] for column in cursor.description or ()]
            return [Row(zip(names, map(plain, values), strict=True)) for values in cursor.fetchall()]

    def request(self, request_id: str, right: str | None = None) -> Row:
        """The row of one request; its right may be left out where it has only one."""
        also = f" and right_type = '{right}'" if right else ""
        rows = self.table("fct_requests", f"request_id = '{request_id}'{also}")
        assert len(rows) == 1, f"{request_id}: {len(rows)} rows"
        return rows[0]

    def metric(self, code: str, dimension: str = "all", value: str | None = None, **period: str) -> Row:
        """One figure; of everything to date unless `period_grain` and `period_start` are given."""
        period = period or {"period_grain": "to_date"}
        rows = self.table("fct_metrics", f"metric_code = '{code}' and dimension = '{dimension}'")
        rows = [row for row in rows if row == period and (value is None or row["dimension_value"] == value)]
        assert len(rows) == 1, f"{code} by {dimension}={value} for {period}: {len(rows)} rows"
        return rows[0]

    def findings(self, code: str) -> list[Row]:
        """Every finding of that code."""
        return self.table("fct_findings", f"finding_code = '{code}'")


class World:
    """An organisation in Ireland with one help desk, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("pack", "inbox/requests"):
            (folder / part).mkdir(parents=True)
        for file, text in PACK.items():
            (folder / "pack" / file).write_text(text, encoding="utf-8")
        create_key(folder / "keys" / "pseudonym.key")
        self.events: list[dict[str, Any]] = []
        self.requests: dict[str, Request] = {}
        self.places = dict(default_places())
        self._landed = 0
        self.configure()

    def configure(self, *sources: dict[str, Any], **settings: Any) -> None:
        """Write promisekept.yml anew; without sources there is one help desk that delivers JSON Lines."""
        configuration = {
            "organisation": {"name": "Example Ltd", "country": "IE", "time_zone": "Europe/Dublin"},
            "home": "./.promisekept",
            "pack": "./pack",
            "keys": {"pseudonym": "./keys/pseudonym.key"},
            "sources": list(sources) or [help_desk("helpdesk", inbox="requests")],
            **settings,
        }
        (self.folder / "promisekept.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")

    @property
    def settings(self) -> Settings:
        """The configuration as the product reads it."""
        return load_settings(self.folder)

    def place(self, jurisdiction: str, regime_code: str | None, calendar: str | None, time_zone: str) -> str:
        """Add a place, beside all those that the product knows, and return its code."""
        self.places[jurisdiction] = Place(regime_code, calendar, time_zone)
        with (PACKAGED_LAW / "jurisdictions.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        known = {row["jurisdiction"] for row in rows}
        rows += [
            {"jurisdiction": code, "regime_code": of.regime_code, "calendar": of.calendar, "time_zone": of.time_zone}
            for code, of in self.places.items()
            if code not in known
        ]
        with (self.folder / "pack" / "jurisdictions.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]), restval="")
            writer.writeheader()
            writer.writerows(rows)
        return jurisdiction

    def change_rule(self, rule_id: str, **cells: str) -> None:
        """Change cells of one rule, in a copy of the shipped law that becomes the pack's own."""
        self._write_rules([row | cells if row["rule_id"] == rule_id else row for row in self._rules()])

    def add_rule(self, *, like: str, **cells: str) -> None:
        """Add a rule that is like another one but for some cells."""
        rules = self._rules()
        (model,) = [row for row in rules if row["rule_id"] == like]
        self._write_rules([*rules, model | cells])

    def _rules(self) -> list[dict[str, str]]:
        own = self.folder / "pack" / "regimes.csv"
        with (own if own.is_file() else PACKAGED_LAW / "regimes.csv").open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def _write_rules(self, rows: list[dict[str, str]]) -> None:
        with (self.folder / "pack" / "regimes.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def request(
        self, request_id: str, *, jurisdiction: str = "IE", right: str = "access", received: str | datetime, **columns: Any
    ) -> Request:
        """Begin a request with its `received`; more rights follow with `.received(at, right_type=...)`."""
        request = Request(self, request_id, jurisdiction)
        self.requests[request_id] = request
        return self._received(request, received, right, columns)

    def _received(self, request: Request, at: str | datetime, right: str, columns: dict[str, Any]) -> Request:
        return request.happened("received", at, **self.receipt(request, right) | columns)

    def receipt(self, request: Request, right: str) -> dict[str, Any]:
        """The columns that the contract asks of a `received`, filled with what does not matter."""
        return {
            "right_type": right,
            "jurisdiction": request.jurisdiction,
            "channel": "email",
            "subject_ref": f"person of {request.request_id}",
        }

    def add_request(self, request_id: str, jurisdiction: str, events: Iterable[dict[str, Any]]) -> Request:
        """A whole life at once: rows with `event_type`, `occurred_at` and what else matters."""
        request = Request(self, request_id, jurisdiction)
        self.requests[request_id] = request
        for row in events:
            columns = {name: value for name, value in row.items() if name not in ("event_type", "occurred_at")}
            if row["event_type"] == "received":
                columns = self.receipt(request, row["right_type"]) | columns
            request.happened(row["event_type"], row["occurred_at"], **columns)
        return request

    def instant(self, at: str | datetime, jurisdiction: str | None = None) -> datetime:
        """A time as written in a test."""
        if isinstance(at, datetime):
            return at
        zone = ZoneInfo((self.places.get(jurisdiction) or self.places["*"]).time_zone) if jurisdiction else UTC
        if len(at) == len("2026-01-01"):
            return datetime.combine(date.fromisoformat(at), time(12), tzinfo=zone)
        moment = datetime.fromisoformat(at)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def deliver(self, rows: Iterable[dict[str, Any]] | None = None, inbox: str = "requests") -> None:
        """Put rows into an inbox as one file; without rows, the events that were not delivered yet."""
        if rows is None:
            rows, self.events = self.events, []
        lines = [json.dumps(row) for row in rows]
        if lines:
            self._landed += 1
            file = self.folder / "inbox" / inbox / f"delivery-{self._landed:04d}.jsonl"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def land(self, now: datetime = LONG_AFTER) -> list[Landed]:
        """Deliver what happened and let the product land it at that moment."""
        self.deliver()
        return list(pipeline.land_sources(self.settings, now).landed)

    def run(
        self,
        as_of: str | datetime,
        *,
        known_at: str | datetime | None = None,
        only: Sequence[str] = (),
        now: datetime = LONG_AFTER,
    ) -> Report:
        """Land what is waiting, build for an instant, and report.

        Args:
            as_of: what occurred later does not count.
            known_at: what landed later does not count.
            only: marts to make with what they need, without dbt; none = everything, with the source gate and all tests.
            now: when the landing happens.
        """
        build = self.prepare(as_of, known_at=known_at, now=now)
        if only:
            self.make(build, only)
        else:
            pipeline.stage(build)
            pipeline.gate_sources(build)
            pipeline.transform(build)
        return Report(build.outgoing)

    def make(self, build: pipeline.Build, marts: Iterable[str]) -> None:
        """Make marts with what they need, from scratch."""
        with model_builds.attached(build.warehouse) as connection:
            model_builds.make(connection, marts)

    def carry_on(self, as_of: datetime, *, only: Sequence[str], now: datetime) -> tuple[pipeline.Build, Report]:
        """What `run` does with what the last build kept, as each day's run does."""
        build = self.prepare(as_of, now=now)
        with model_builds.attached(build.warehouse) as connection:
            model_builds.make(connection, only, full_refresh=build.full_refresh)
        with build.connect() as connection:
            connection.execute(REMEMBER)
        return build, Report(build.outgoing)

    def prepare(
        self, as_of: str | datetime, *, known_at: str | datetime | None = None, now: datetime = LONG_AFTER
    ) -> pipeline.Build:
        """Land what is waiting and put landing, pack and instants before the models."""
        self.land(now)
        settings = self.settings
        at = None if known_at is None else self.instant(known_at)
        instants = pipeline.fix_instants(settings, self.instant(as_of), at)
        return pipeline.prepare(settings, instants, pipeline.read_pack(settings))


def help_desk(name: str, inbox: str) -> dict[str, Any]:
    """A source that delivers requests as JSON Lines, under ids of its own."""
    return {
        "name": name,
        "log": "requests",
        "reader": {"kind": "files", "path": f"./inbox/{inbox}/*.jsonl"},
        "time_zone": "Europe/Dublin",
        "defaults": {"subject_ref_type": "customer_id"},
    }


def as_event(row: dict[str, Any]) -> Event:
    """A row of the log as the oracle reads it."""

    def moment(value: str | datetime | None) -> Any:
        return datetime.fromisoformat(value) if isinstance(value, str) else value

    return Event(
        event_type=row["event_type"],
        occurred_at=moment(row["occurred_at"]),
        right_type=row.get("right_type"),
        reason_code=row.get("reason_code"),
        declared_due_at=moment(row.get("declared_due_at")),
        regime_code=row.get("regime_code"),
        role=row.get("role"),
        recorded_at=moment(row.get("recorded_at")),
        delivered_at=moment(row.get("delivered_at")),
    )


def plain(value: object) -> object:
    """Dates and instants as text, everything else as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


@cache
def default_places() -> dict[str, Place]:
    """Every place of the product's own jurisdictions.csv, the later row of a place knowing the earlier one."""
    places: dict[str, Place] = {}
    with (PACKAGED_LAW / "jurisdictions.csv").open(encoding="utf-8", newline="") as lines:
        for row in sorted(csv.DictReader(lines), key=lambda row: row["valid_from"]):
            code, zone = row["jurisdiction"], row["time_zone"] or "Europe/Dublin"
            earlier = (date.fromisoformat(row["valid_from"]), places[code]) if code in places else None
            places[code] = Place(row["regime_code"] or None, row["calendar"] or None, zone, earlier)
    return places
