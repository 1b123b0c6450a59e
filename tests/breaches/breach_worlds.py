"""One honest world, and each breach as a change of it that is taken back.

Everything lands once through the product's own landing: of each log a delivery of the honest organisation and one with the rows
of all breaches. Both have been delivered in every world, whichever rows of them happened in it. The honest world is then built
in memory by the text that dbt compiled, in its order, up to findings and verdicts. A breach is a transaction: its rows are
added, the models that read what changed run again, the verdicts are read, and all is rolled back. So a world costs what changes
in it: a model whose rows come out as they stood is not followed further.

Here: landing, building, changing, taking back. Not here: the rows (breach_library.py) or what is asked of a world (the tests).
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from breach_library import Breach, Row
from world import World, help_desk

import promisekept.demo
import promisekept.policy
from orchestration.compiling import compiled_project
from promisekept.sources.contract import contract

HONEST = "honest"
BEGUN = "2025-01-01"
"""Shortly before the oldest row: every world judges each period that has begun since then."""
AS_OF = "2026-06-30T23:00:00+00:00"
REVIEW = (
    "control_id,assessed_on,valid_from,valid_to,result,assessor_role,evidence_ref\n"
    "CTL-DEADLINE,2026-06-30,2026-06-01,2026-07-15,kept,internal audit,https://evidence.example/reviews/2026-06\n"
)
"""Somebody looked at what left the clock in June. That makes an adherence of June worth something, and no way out smaller."""
READ = ("fct_control_results", "fct_findings")
PACK = Path(promisekept.policy.__file__).parent / "starter_pack"
OWN = {
    "clauses": "OWN-1,Own,Persons are notified of a breach in the time that the law gives,law,measured,as LAW-1",
    "controls": "CTL-OWN-BREACH-PERSONS,OWN-1,incidents",
    "control_metrics": "CTL-OWN-BREACH-PERSONS,person_notification_adherence,all,all,=,1",
}
"""A promise of the organisation's own beside the shipped ones, which do not cover notifying persons."""
REGISTERS = ("agreements", "contract_terms", "data_categories", "purposes", "recipients", "retention_schedule", "systems")
_OUTGOING, _WAREHOUSE = '"outgoing".', '"warehouse".'
_RELATION = re.compile(r'"(\w+)"\."(\w+)"\."(\w+)"')


def promises(register: str) -> tuple[Row, ...]:
    """The rows of a register of the pack in all worlds: what is shipped, then the own promise."""
    return tuple(csv.DictReader(io.StringIO(_with_own(register))))


def _with_own(register: str) -> str:
    shipped = (PACK / f"{register}.csv").read_text(encoding="utf-8")
    return f"{shipped.rstrip()}\n{OWN[register]}\n"


def begun(folder: Path) -> World:
    """The shipped promises and the own one, the registers of the demo, and a source for each log, expected once in a lifetime."""
    world = World(folder)
    for file in PACK.iterdir():
        shutil.copy(file, folder / "pack" / file.name)
    for register in OWN:
        (folder / "pack" / f"{register}.csv").write_text(_with_own(register), encoding="utf-8")
    for register in REGISTERS:
        shutil.copy(Path(promisekept.demo.__file__).parent / "pack" / f"{register}.csv", folder / "pack")
    schedule = folder / "pack" / "retention_schedule.csv"
    header, *rows = schedule.read_text(encoding="utf-8").splitlines()
    waiting = [row + (",P1Y" if ",trigger," in row else ",") for row in rows]
    schedule.write_text("\n".join([f"{header},max_wait", *waiting]), encoding="utf-8")
    (folder / "pack" / "attestations.csv").write_text(REVIEW, encoding="utf-8")
    sources = [help_desk(log, inbox=log) | {"log": log, "expect": {"every": "P9000D"}} for log in contract()]
    for source in sources:
        if source["log"] in ("incidents", "policies"):
            source["defaults"] = {}
    world.configure(*sources, organisation={"name": "Honest Ltd", "country": "US", "time_zone": "Europe/Dublin"})
    return world


def heartbeat(world: World) -> None:
    """An empty delivery from each source before anything happened: since then silence means that nothing did."""
    for log in contract():
        (world.folder / "inbox" / log).mkdir(parents=True, exist_ok=True)
        (world.folder / "inbox" / log / "nothing.jsonl").touch()
    world.land(world.instant(BEGUN))


def deliver(world: World, rows: dict[str, list[Row]]) -> None:
    """One file for each log."""
    for log, events in rows.items():
        world.deliver(events, inbox=log)


def together(worlds: Iterable[dict[str, list[Row]]]) -> dict[str, list[Row]]:
    """The rows of several worlds by log."""
    rows: dict[str, list[Row]] = {}
    for world in worlds:
        for log, events in world.items():
            rows.setdefault(log, []).extend(events)
    return rows


@dataclass(frozen=True)
class Verdicts:
    """What a world reads: rows of a control, metric and period, and findings."""

    results: list[Row]
    findings: list[Row]


class Worlds:
    """The honest world in memory, and room for one breach at a time."""

    def __init__(self, folder: Path, honest: dict[str, list[Row]], broken: Iterable[Breach]) -> None:
        """Land everything, then build what is honest."""
        broken = list(broken)
        world = begun(folder)
        heartbeat(world)
        deliver(world, honest)
        deliver(world, together(breach.rows for breach in broken))
        build = world.prepare(AS_OF, now=world.instant(AS_OF))
        self._models = compiled_project().models
        self._db = duckdb.connect(config={"threads": 1})
        self._db.execute("set global TimeZone = 'UTC'; attach ':memory:' as warehouse; use warehouse")
        self._attach(build.warehouse)
        self._add(HONEST)
        self._sums: dict[str, tuple[Any, ...]] = {}
        self._statements: dict[str, duckdb.Statement] = {}
        for name in self._order:
            self._run(name)
            self._sums[name] = self._sum(name)
        for mart in READ:
            self._db.execute(f"create table delivered.{mart} as from marts.{mart}")
        self.honest = self._read()

    def broken_by(self, breach: Breach, *, whole: bool = False) -> Verdicts:
        """The world in which this breach happens as well, and nothing of it afterwards.

        Args:
            breach: what happens.
            whole: every row and not only those that the honest world does not have.
        """
        self._db.execute("begin")
        try:
            changed = self._add(breach.name)
            for name in self._order:
                if self._reads[name] & changed:
                    self._run(name)
                    if self._models.models[name].is_view or self._sum(name) != self._sums[name]:
                        changed.add(_plain(self._models.models[name].relation))
            return self._read("" if whole else " except from delivered.")
        finally:
            self._db.execute("rollback")

    def _attach(self, warehouse: Path) -> None:
        """Copy what the models are given; what landed goes beside, for each world to take from."""
        db = self._db
        db.execute(f"attach '{warehouse}' as built (read_only)")
        for schema in ("landing", "pack", "run", "reference", "staging", "intermediate", "marts", "delivered"):
            db.execute(f"create schema {schema}")
        tables = db.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = 'built'"
        ).fetchall()
        for schema, table in tables:
            if schema in ("landing", "pack", "run"):
                place = "delivered" if schema == "landing" and table in contract() else schema
                db.execute(f"create table {place}.{table} as from built.{schema}.{table}")
        db.execute("detach built")
        for seed in self._models.seeds.values():
            columns = ", ".join(f"{name} {kind}" for name, kind in seed.types.items())
            db.execute(f"create table {_plain(seed.relation)} ({columns})")
            rows = list(csv.reader(io.StringIO(seed.text)))[1:]
            places = ", ".join("?" for _ in seed.types)
            db.executemany(
                f"insert into {_plain(seed.relation)} values ({places})", [[cell or None for cell in row] for row in rows]
            )
        for log in contract():
            db.execute(f"create table landing.{log} as from delivered.{log} limit 0")
        assert not db.execute("from landing.quarantine").fetchall(), "a row of the library breaks the log contract"

    def _add(self, name: str) -> set[str]:
        """Let the rows that were delivered under a name land.

        Returns:
            The relations that changed.
        """
        changed = set()
        for log in contract():
            named = f"select * from delivered.{log} where split_part(event_id, ':', 1) = $name"
            added = self._db.execute(f"insert into landing.{log} by name {named}", {"name": name}).fetchone()
            if added and added[0]:
                changed.add(f"landing.{log}")
        return changed

    def _run(self, name: str) -> None:
        if name not in self._statements:  # parsing them again for each breach takes an eighth of the time
            model = self._models.models[name]
            kind, text = "view" if model.is_view else "table", model.text.replace(_OUTGOING, _WAREHOUSE)
            (self._statements[name],) = duckdb.extract_statements(f"create or replace {kind} {_plain(model.relation)} as {text}")
        self._db.execute(self._statements[name])

    def _sum(self, name: str) -> tuple[Any, ...] | None:
        """What tells one content of a table from another, whatever the order of its rows; a view has none."""
        model = self._models.models[name]
        if model.is_view:
            return None
        query = f"select count(*), sum(hash(content)::hugeint), bit_xor(hash(content)) from {_plain(model.relation)} as content"
        return self._db.execute(query).fetchone()

    def _read(self, unlike: str = "") -> Verdicts:
        return Verdicts(*(self._rows(f"from marts.{mart}" + (unlike and unlike + mart)) for mart in READ))

    def _rows(self, query: str) -> list[Row]:
        cursor = self._db.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @cached_property
    def _order(self) -> list[str]:
        return self._models.behind(READ)

    @cached_property
    def _reads(self) -> dict[str, set[str]]:
        return {
            name: {f"{schema}.{table}" for _, schema, table in _RELATION.findall(text)}
            for name, text in self._models.texts.items()
        }


def _plain(relation: str) -> str:
    """`schema.table` of a relation, whichever database it is in: here all are in one, which a transaction can change."""
    return relation.replace('"', "").split(".", 1)[1]
