"""The stages of one run, as plain functions: land, prepare, stage, gate, transform, write, audit, publish.

Here: what each stage needs of the rooms and in which order they hand over. Not here: Dagster (defs/), the command
line, or what any room does inside. Every stage is idempotent: a run that was killed is run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from expectations import worker
from expectations.publish_gate import InsertedRows, run_publish_gate
from expectations.row_counts import landed_counts
from expectations.source_gate import run_source_gate
from orchestration import inserted_rows, known_files, mart_sums, properties
from orchestration.build_mode import REMEMBER, UNFINISHED, BuildState, choose_warehouse, read_by_models, settings_sha256
from orchestration.checkpoints import KEEP_DELETED_ROWS, compress_marts_alone, reclaim_deleted_rows
from orchestration.compiled_project import GROWING, CompiledProject
from orchestration.compiling import compiled_project
from orchestration.damaged_builds import Stages, is_damage, remove, report_damage
from orchestration.dbt_runner import OUTGOING, PROJECT
from orchestration.execution import NodeResult, execute
from orchestration.execution import prepare as prepare_models
from orchestration.model_test_results import passed, remember, remembered, whole_at, without_tested_key
from orchestration.node_seconds import last_seconds
from orchestration.node_seconds import remember as remember_seconds
from orchestration.preflight import nothing_landed
from orchestration.progress import NodeProgress, report
from orchestration.unchanged import Inputs
from orchestration.unchanged import remember as remember_published
from orchestration.versions import code_version, lock_sha256, program_sha256
from promisekept.config.settings import Settings
from promisekept.policy import (
    Catalogue,
    Pack,
    attach_pack,
    attach_retroactive_changes,
    attached_pack,
    load_pack,
    read_catalogue,
    require_coverage,
)
from promisekept.policy.problems import raise_problems
from promisekept.publishing import export_log
from promisekept.publishing.candidate import Candidate, Provenance, write_candidate
from promisekept.publishing.manifests import instant
from promisekept.publishing.publications import Snapshot
from promisekept.publishing.store import SnapshotStore
from promisekept.publishing.verdict import SuiteResult, Verdict
from promisekept.restatement.causes import KEPT_FROM
from promisekept.restatement.comparison import compare_candidate
from promisekept.retention.purge import purge
from promisekept.sources.contract import DIMENSIONS, contract
from promisekept.sources.landing.land import UnreadError, land
from promisekept.sources.landing.relations import attach
from promisekept.sources.landing.tasks import Landed
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.compaction import compact
from promisekept.sources.zone.ledger import Ledger

_SESSION = "set global TimeZone = 'UTC'; set autoinstall_known_extensions = false"
STAGING = frozenset({"staging", "reference"})
"""The schemas of what is made before the source gate: views over the landed rows that count, and seeds."""


@dataclass(frozen=True)
class Instants:
    """The two instants of a bitemporal build, fixed once at its start.

    Attributes:
        as_of: event time; only events that occurred until then count.
        known_at: record time; only rows that landed until then count.
        known_seq: the watermark of the ledger at `known_at`.
    """

    as_of: datetime
    known_at: datetime
    known_seq: int


@dataclass(frozen=True)
class Build:
    """The warehouse that a run builds, and whether it is a full refresh."""

    settings: Settings
    instants: Instants
    pack: Pack
    warehouse: Path
    full_refresh: bool

    @property
    def inputs(self) -> Inputs:
        """What is published from it is a function of."""
        return Inputs(self.settings, self.pack, self.instants.as_of, self.instants.known_at)

    @property
    def outgoing(self) -> Path:
        """The marts that this build makes."""
        return self.warehouse.with_name(OUTGOING)

    @property
    def project(self) -> CompiledProject:
        """The models, as they are compiled for this code."""
        return compiled_project()

    @property
    def engine(self) -> dict[str, str]:
        """What DuckDB may take of the machine, and that it leaves the room of deleted rows alone when it writes."""
        return {**KEEP_DELETED_ROWS, **self.settings.engine.config}

    @property
    def counts_for(self) -> str:
        """The program and the month; what was found of landed rows counts for no other: all are looked at once a month."""
        month = self.instants.as_of.astimezone(ZoneInfo(self.settings.organisation.time_zone)).strftime("%Y-%m")
        return f"{program_sha256()} in {month}"

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection to the warehouse under construction, in UTC and without extensions from outside."""
        connection = duckdb.connect(str(self.warehouse), config={**self.engine})
        connection.execute(_SESSION)
        return connection


@dataclass(frozen=True)
class Deliveries:
    """What the sources delivered.

    Attributes:
        landed: what became of each delivery.
        unread: what kept sources from being read, in words; the others are published without them.
    """

    landed: tuple[Landed, ...]
    unread: tuple[str, ...] = ()


def land_sources(settings: Settings, now: datetime) -> Deliveries:
    """Land what the sources have delivered since the last run, and compact what lies in many files.

    With the first rows a build is certain, so that the process of the gates starts beside the others.

    Raises:
        UnreadError: a source can't be read, and nothing has ever landed.
    """
    report("land", "looking for what is new")
    ledger = Ledger.open(settings.home)
    try:
        found = Deliveries(tuple(land(settings, ledger, now, lambda what: report("land", what), on_landed=worker.start)))
    except UnreadError as error:
        if next(ledger.lines("batch"), None) is None:
            raise
        found = Deliveries(error.landed, error.problems)
    for one in compact(settings, ledger, now):
        report("land", f"{one.inputs:,} files of {one.log} that landed in {one.month} became one")
    return found


def fix_instants(settings: Settings, as_of: datetime | None, known_at: datetime | None) -> Instants:
    """Resolve both instants against the ledger.

    Args:
        settings: whose ledger.
        as_of: None = when the newest known batch landed.
        known_at: None = everything that has landed.

    Raises:
        ConfigError: nothing has landed yet, or not yet at `known_at`.
    """
    lines = [line for line in Ledger.open(settings.home).lines() if known_at is None or line.at <= known_at]
    batches = [line for line in lines if line.kind == "batch"]
    if not batches:
        raise nothing_landed(settings, known_at)
    newest = max(line.at for line in batches)
    return Instants(as_of=as_of or newest, known_at=known_at or newest, known_seq=lines[-1].seq)


def catalogue() -> Catalogue:
    """Every metric and finding that there is, and the marts that they are made of.

    Raises:
        PackError: a row of one of the catalogues leads to no mart, log, register or metric.
    """
    marts = {file.stem for folder in ("marts", "audit") for file in (PROJECT / "models" / folder).rglob("*.sql")}
    found = read_catalogue(PROJECT / "seeds", marts)
    raise_problems(found.problems)
    return found


def read_pack(settings: Settings) -> Pack:
    """The policy pack, rejected as a whole if any promise in it leads nowhere."""
    pack = load_pack(settings.pack, settings.organisation)
    require_coverage(pack, catalogue().dimensions)
    return pack


def prepare(settings: Settings, instants: Instants, pack: Pack) -> Build:
    """Make landing, pack and instants visible in the warehouse that this run builds.

    A point-in-time rebuild (an instant before the one that the warehouse stands at) builds in a database of its own, so that the
    daily one never moves backwards.
    """
    warehouse, why = _choose_warehouse(settings, instants, pack)
    report("prepare", f"full refresh: {why}" if why else "landing, pack and instants")
    build = Build(settings, instants, pack, warehouse, full_refresh=why is not None)
    try:
        _attach_inputs(build)
    except duckdb.Error as error:
        if build.full_refresh or not is_damage(error):
            raise
        return begin_again(build)
    return build


def begin_again(build: Build) -> Build:
    """Remove the databases of a build, one of which is damaged, and prepare it from scratch."""
    report_damage()
    remove(build.warehouse)
    remove(build.outgoing)
    build = replace(build, full_refresh=True)
    _attach_inputs(build)
    return build


def stages(build: Build) -> Stages[Build]:
    """The stages of a prepared build, which begins again where its database turns out to be damaged."""
    return Stages(build, begin_again, lambda one: one.full_refresh)


def _attach_inputs(build: Build) -> None:
    settings, instants, ledger = build.settings, build.instants, Ledger.open(build.settings.home)
    with build.connect() as connection:
        known_files.begin(connection, Zone(settings.home, ledger))
        attach(connection, settings, ledger, instants.known_seq, full_refresh=build.full_refresh)
        if build.full_refresh or attached_pack(connection) != build.pack.sha256:
            attach_pack(connection, build.pack)
        attach_retroactive_changes(connection, settings.home, ledger, instants.known_seq, settings.organisation.time_zone)
        _write_instants(connection, build)


def stage(build: Build) -> list[NodeResult]:
    """Views over the landed rows that count."""
    project = build.project
    staging = {name for name, node in project.built.items() if node.schema in STAGING}
    with _model_connection(build) as connection:
        made = staging - _settled(build, connection)
        wanted = made | project.tests_of(made, within=staging)
        prepare_models(connection, full_refresh=build.full_refresh)
        results = execute(connection, project, wanted, full_refresh=build.full_refresh, progress=NodeProgress("stage", {}))
        remember(connection, results, anew=build.full_refresh)
    return results


def gate_sources(build: Build) -> list[SuiteResult]:
    """Check what was landed; the result is an input of metrics and controls and blocks nothing."""
    report("source gate", "freshness, volume, codes and conservation of what landed")
    return run_source_gate(
        build.warehouse,
        evaluate=worker.evaluate,
        engine=build.engine,
        counts_for=build.counts_for,
        anew=build.full_refresh,
    )


def transform(build: Build) -> list[NodeResult]:
    """Facts, metrics, findings and controls, with their tests."""
    if build.full_refresh:
        remove(build.outgoing)
    with build.connect() as connection:
        connection.execute(UNFINISHED)
        found = mart_sums.begin(connection, build.outgoing)
        inserted_rows.begin(connection, found)
        settled = _settled(build, connection)
    project = build.project
    if build.settings.engine.kind == "spark":
        return _transform_on_spark(build, project)
    made = {name for name, node in project.built.items() if node.schema not in STAGING} - settled
    with _model_connection(build) as connection:
        prepare_models(connection, full_refresh=False)
        wanted = made | project.tests_of(made)
        progress = NodeProgress("transform", last_seconds(connection, wanted, full_refresh=build.full_refresh))
        tested = passed(connection) if found is not None else frozenset()
        results = execute(
            connection,
            project,
            wanted,
            full_refresh=build.full_refresh,
            passed=tested,
            known_marts=found is not None,
            progress=progress,
        )
        remember_seconds(connection, results, full_refresh=build.full_refresh)
        if properties.note(connection, project, results):
            again = project.downstream({properties.SOURCE}) & project.built.keys()
            results += execute(connection, project, again | project.tests_of(again), full_refresh=build.full_refresh)
        mart_sums.carry(connection, project, results)
        inserted_rows.keep(connection, project, results)
        results = list({result.unique_id: result for result in results}.values())
        remember(connection, results)
        connection.execute(f"begin; {REMEMBER}; drop table run.unfinished; commit")
        reclaim_deleted_rows(connection)
        compress_marts_alone(connection)
    return results


def _transform_on_spark(build: Build, project: CompiledProject) -> list[NodeResult]:
    """The same models on Spark and their tests by DuckDB over what Spark wrote; the next build is a full refresh, too."""
    from orchestration.spark.build import build_on_spark

    models = {name for name, node in project.built.items() if node.resource_type == "model"}
    with _model_connection(build) as connection:
        prepare_models(connection, full_refresh=False)
        with build_on_spark(connection, project, build.settings, build.instants.known_seq) as spark:
            tests = project.tests_of(project.built)
            wanted = models | tests
            progress = NodeProgress("transform", last_seconds(connection, wanted, full_refresh=True))
            results = spark.make(models, progress)
            results += execute(connection, project, tests, full_refresh=True, progress=progress)
            remember_seconds(connection, results, full_refresh=True)
            if properties.note(connection, project, results):
                spark.read_again("warehouse.run.broken_properties")
                again = project.downstream({properties.SOURCE}) & models
                results += spark.make(again)
                results += execute(connection, project, project.tests_of(again), full_refresh=True)
        mart_sums.carry(connection, project, results)
        results = list({result.unique_id: result for result in results}.values())
        remember(connection, results)
    return results


@contextmanager
def _model_connection(build: Build) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse and the marts, which are written at its end.

    DuckDB keeps no write-ahead log meanwhile: what a killed build has made is made again (build_mode.UNFINISHED).
    """
    with duckdb.connect(config={"temp_directory": f"{build.warehouse}.tmp", **build.engine}) as connection:
        connection.execute(_SESSION)
        for database in (build.warehouse, build.outgoing):
            connection.execute(f"attach {literal(str(database))} as {database.stem} (recovery_mode no_wal_writes)")
        connection.execute(f"use {build.warehouse.stem}")
        yield connection
        connection.execute(f"checkpoint {build.outgoing.stem}; checkpoint {build.warehouse.stem}")


def write(build: Build) -> Candidate:
    """The finished marts as a closed file of their own, hashed."""
    report("write", "the candidate snapshot")
    ledger = Ledger.open(build.settings.home)
    kept_from = Zone(build.settings.home, ledger).kept_from
    texts = build.project.models.texts
    with build.connect() as connection:
        carried = mart_sums.carried(connection)
    candidate = write_candidate(
        build.outgoing,
        build.settings.home / "snapshots",
        Provenance(
            as_of=build.instants.as_of,
            known_at=build.instants.known_at,
            known_seq=build.instants.known_seq,
            organisation=build.settings.organisation.name,
            time_zone=build.settings.organisation.time_zone,
            pack={
                "name": build.pack.settings.name,
                "version": build.pack.settings.version,
                "sha256": build.pack.sha256,
            },
            code_version=code_version(),
            holidays_version=build.pack.library_version,
            ledger_root=ledger.merkle_root,
            configuration={
                "organisation.country": build.settings.organisation.country,
                **{f"thresholds.{name}": value for name, value in build.settings.thresholds.model_dump(mode="json").items()},
                **({DIMENSIONS: build.settings.dimensions.text} if build.settings.dimensions.text else {}),
                **({KEPT_FROM: kept_from.isoformat()} if kept_from else {}),
                # The ledger holds the numbers of a column, and not until when it is named as a sequence.
                **{f"sources.{one.name}.sequence": one.sequence for one in build.settings.sources if one.sequence},
            },
            lock_sha256=lock_sha256(),
            models={name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(texts.items())},
        ),
        build.settings.engine.config,
        carried,
    )
    with build.connect() as connection:
        mart_sums.remember(connection, candidate)
    return candidate


def audit(build: Build, candidate: Candidate) -> Verdict:
    """Audit the finished candidate; only a positive verdict bound to it lets it be published."""
    report("publish gate", "auditing the finished candidate")
    engine, thresholds = build.settings.engine.config, build.pack.settings.thresholds
    landed = landed_counts(build.warehouse, build.engine, counts_for=build.counts_for, anew=build.full_refresh)
    with build.connect() as connection:
        checks, keys = inserted_rows.passed_checks(connection), inserted_rows.replaced_by(connection)
    inserted = InsertedRows(build.warehouse, checks, keys)
    verdict = run_publish_gate(
        candidate, landed.rows, evaluate=worker.evaluate, engine=engine, thresholds=thresholds, inserted=inserted
    )
    with build.connect() as connection:
        tests, doubted = remembered(connection), properties.doubted(connection)
        untested = without_tested_key(build.project, tests, candidate.tables)
        verdict = replace(verdict, model_tests=tests, doubted=doubted, untested=untested)
        counted = landed.whole_at if landed.whole_at < build.instants.as_of else None
        looked = [at for at in (inserted_rows.remember(connection, candidate, verdict), whole_at(connection), counted) if at]
    report("publish gate", f"{verdict.passed} of {verdict.declared} checks passed")
    return replace(verdict, whole_at=instant(min(looked)) if looked else None)


def publish(build: Build, candidate: Candidate, verdict: Verdict, now: datetime) -> Snapshot | None:
    """Make the candidate current, or keep the last good snapshot and report why; purge what is too old; bind what was exported.

    Returns:
        The snapshot that is now current, or None where the gate rejected the candidate.
    """
    home = build.settings.home
    store, snapshot = SnapshotStore(home), None
    if verdict.success:
        ledger = Ledger.open(home)
        snapshot = store.publish(candidate, verdict, compare_candidate(home, ledger, candidate), ledger, now)
        # What can't be remembered costs the next run a build and is no fault of this one.
        with suppress(duckdb.Error), build.connect() as connection:
            remember_published(connection, snapshot.id, build.inputs, ledger, now)
    else:
        store.reject(verdict, now)
    conclude(build.settings, snapshot, now)
    if snapshot is not None:
        report("publish", f"snapshot {snapshot.id}")
    return snapshot


def conclude(settings: Settings, snapshot: Snapshot | None, now: datetime) -> None:
    """Purge what is too old beside the snapshot that is current, if the run was let pass; bind what was exported."""
    for sentence in purge(settings, snapshot, now) if snapshot is not None else ():
        report("purge", sentence)
    export_log.bind(settings.home, now)


def clock() -> datetime:
    """The one clock of a run: read at the front door, handed on as an argument."""
    return datetime.now(UTC)


def _settled(build: Build, connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Models and seeds that an incremental build may skip: nothing that they read has changed."""
    if build.full_refresh:
        return set()
    heard = {log for (log,) in connection.execute("select distinct log from landing.batches").fetchall()}
    unheard = {log for log in contract() if log not in heard}
    return build.project.reading_none_of(GROWING) | {
        name
        for name, node in build.project.built.items()
        if any(node.name.startswith(f"stg_{log}__") or f"empty_without_{log}" in node.tags for log in unheard)
    }


def _choose_warehouse(settings: Settings, instants: Instants, pack: Pack) -> tuple[Path, str | None]:
    ledger = Ledger.open(settings.home)
    following = BuildState(instants.known_seq, instants.as_of, pack.sha256, code_version(), settings_sha256(settings, ledger))
    warehouse, why = choose_warehouse(settings.home, following, ledger)
    return warehouse, why or ("every build on Spark is one" if settings.engine.kind == "spark" else None)


def _write_instants(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    read, ledger = read_by_models(build.settings), Ledger.open(build.settings.home)
    connection.execute("create schema if not exists run")
    connection.execute(
        """
        create or replace table run.run_instants as
        select
            $as_of::timestamptz as as_of, $known_at::timestamptz as known_at, $known_seq::bigint as known_seq,
            $organisation::varchar as organisation, $country::varchar as country, $time_zone::varchar as time_zone,
            $due_soon_days::bigint as due_soon_days, $record_due_soon_days::bigint as record_due_soon_days,
            $erasure_grace_days::bigint as erasure_grace_days, $small_cell::bigint as small_cell,
            $refused_rows::double as refused_rows, $match_rate::double as match_rate, $dimensions::varchar as dimensions,
            $pack_sha256::varchar as pack_sha256, $code_version::varchar as code_version,
            $settings_sha256::varchar as settings_sha256, $kept_from::date as kept_from
        """,
        {
            "as_of": build.instants.as_of,
            "known_at": build.instants.known_at,
            "known_seq": build.instants.known_seq,
            **read,
            "kept_from": Zone(build.settings.home, ledger).kept_from,
            "pack_sha256": build.pack.sha256,
            "code_version": code_version(),
            "settings_sha256": settings_sha256(build.settings, ledger),
        },
    )
    connection.execute(
        "create or replace table run.source_verdicts (log varchar, source varchar, suite varchar, verdict varchar,"
        " declared bigint, passed bigint, failed_checks varchar[])"
    )
    connection.execute(properties.TABLE)
    connection.execute(
        "create table if not exists run.build_state (known_seq bigint, as_of timestamptz, known_at timestamptz,"
        " pack_sha256 varchar, code_version varchar, settings_sha256 varchar)"
    )
