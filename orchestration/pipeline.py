"""The stages of one run, as plain functions: land, prepare, stage, gate, transform, write, audit, publish.

Here: what each stage needs of the rooms and in which order they hand over. Not here: Dagster (defs/), the command
line, or what any room does inside. Every stage is idempotent: a run that was killed is run again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from expectations import worker
from expectations.publish_gate import run_publish_gate
from expectations.row_counts import landed_counts
from expectations.source_gate import run_source_gate
from orchestration import properties
from orchestration.build_mode import GROWING, REMEMBER, UNFINISHED, BuildState, choose_warehouse, read_by_models, settings_sha256
from orchestration.damaged_builds import Stages, is_damage, remove, report_damage
from orchestration.dbt_runner import OUTGOING, PROJECT, DbtRunner, NodeResult
from orchestration.model_hashes import remember_texts, remembered_texts
from orchestration.model_test_results import remember, remembered, without_tested_key
from orchestration.preflight import nothing_landed
from orchestration.unchanged import Inputs
from orchestration.unchanged import remember as remember_published
from orchestration.versions import code_version, lock_sha256
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
from promisekept.publishing.publications import Snapshot
from promisekept.publishing.store import SnapshotStore
from promisekept.publishing.verdict import SuiteResult, Verdict
from promisekept.restatement.causes import KEPT_FROM
from promisekept.restatement.comparison import compare_candidate
from promisekept.retention.purge import purge
from promisekept.sources.contract import contract
from promisekept.sources.landing.land import land
from promisekept.sources.landing.relations import attach
from promisekept.sources.landing.tasks import Landed
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.compaction import compact
from promisekept.sources.zone.ledger import Ledger

Progress = Callable[[str], None]
STAGING = ("fqn:promisekept.staging", "resource_type:seed")


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

    def runner(self, progress: Callable[[str, int, int], None] | None = None) -> DbtRunner:
        """Dbt on this build's warehouse."""
        return DbtRunner(self.settings.home, self.warehouse, progress, self.settings.engine.config)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection to the warehouse under construction, in UTC and without extensions from outside."""
        connection = duckdb.connect(str(self.warehouse), config=dict(self.settings.engine.config))
        connection.execute("set global TimeZone = 'UTC'; set autoinstall_known_extensions = false")
        return connection


def land_sources(settings: Settings, now: datetime, progress: Progress | None = None) -> list[Landed]:
    """Land what the sources have delivered since the last run, and compact the files of months that are over."""
    ledger = Ledger.open(settings.home)
    landed = land(settings, ledger, now, progress)
    compact(settings, ledger, now)
    return landed


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
    warehouse, full_refresh = _choose_warehouse(settings, instants, pack)
    build = Build(settings, instants, pack, warehouse, full_refresh)
    try:
        _attach_inputs(build)
    except duckdb.Error as error:
        if full_refresh or not is_damage(error):
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
        attach(connection, settings, ledger, instants.known_seq)
        if build.full_refresh or attached_pack(connection) != build.pack.sha256:
            attach_pack(connection, build.pack)
        attach_retroactive_changes(connection, settings.home, ledger, instants.known_seq, settings.organisation.time_zone)
        _write_instants(connection, build)


def stage(build: Build, progress: Callable[[str, int, int], None] | None = None) -> list[NodeResult]:
    """Views over the landed rows that count."""
    results = build.runner(progress).build(select=STAGING, exclude=_settled(build), full_refresh=build.full_refresh)
    with build.connect() as connection:
        remember(connection, results, anew=build.full_refresh)
        if build.full_refresh:
            remember_texts(connection, results)
    return results


def gate_sources(build: Build) -> list[SuiteResult]:
    """Check what was landed; the result is an input of metrics and controls and blocks nothing."""
    return run_source_gate(build.warehouse, evaluate=worker.evaluate, engine=build.settings.engine.config)


def transform(build: Build, progress: Callable[[str, int, int], None] | None = None) -> list[NodeResult]:
    """Facts, metrics, findings and controls, with their tests."""
    with build.connect() as connection:
        connection.execute(UNFINISHED)
    if build.full_refresh:
        remove(build.outgoing)
    runner = build.runner(progress)
    results = runner.build(exclude=[*STAGING, *_settled(build)], full_refresh=build.full_refresh)
    results = properties.settle(runner, build.connect, results)
    with build.connect() as connection:
        remember(connection, results)
        if build.full_refresh:
            remember_texts(connection, results)
        connection.execute(f"begin; {REMEMBER}; drop table run.unfinished; commit")
    return results


def write(build: Build) -> Candidate:
    """The finished marts as a closed file of their own, hashed."""
    ledger = Ledger.open(build.settings.home)
    kept_from = Zone(build.settings.home, ledger).kept_from
    with build.connect() as connection:
        texts = remembered_texts(connection)
    return write_candidate(
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
                **({KEPT_FROM: kept_from.isoformat()} if kept_from else {}),
            },
            lock_sha256=lock_sha256(),
            models=texts,
        ),
        build.settings.engine.config,
    )


def audit(build: Build, candidate: Candidate) -> Verdict:
    """Audit the finished candidate; only a positive verdict bound to it lets it be published."""
    engine, thresholds = build.settings.engine.config, build.pack.settings.thresholds
    landed = landed_counts(build.warehouse, engine)
    verdict = run_publish_gate(candidate, landed, evaluate=worker.evaluate, engine=engine, thresholds=thresholds)
    with build.connect() as connection:
        tests, doubted = remembered(connection), properties.doubted(connection)
    untested = without_tested_key(build.runner().manifest(), tests, candidate.tables)
    return replace(verdict, model_tests=tests, doubted=doubted, untested=untested)


def publish(
    build: Build, candidate: Candidate, verdict: Verdict, now: datetime, progress: Progress | None = None
) -> Snapshot | None:
    """Make the candidate current, or keep the last good snapshot and say why; purge what is too old; bind what was exported.

    Returns:
        The snapshot that is now current, or None where the gate rejected the candidate.
    """
    home = build.settings.home
    store, snapshot = SnapshotStore(home), None
    if verdict.success:
        ledger = Ledger.open(home)
        snapshot = store.publish(candidate, verdict, compare_candidate(home, ledger, candidate), ledger, now)
        # What can't be remembered costs the next run a build, and says nothing against this one.
        with suppress(duckdb.Error), build.connect() as connection:
            remember_published(connection, snapshot.id, build.inputs, ledger)
    else:
        store.reject(verdict, now)
    conclude(build.settings, snapshot, now, progress)
    return snapshot


def conclude(settings: Settings, snapshot: Snapshot | None, now: datetime, progress: Progress | None = None) -> None:
    """Purge what is too old beside the snapshot that is current, if the run was let pass; bind what was exported."""
    for sentence in purge(settings, snapshot, now) if snapshot is not None else ():
        if progress is not None:
            progress(sentence)
    export_log.bind(settings.home, now)


def clock() -> datetime:
    """The one clock of a run: read at the front door, handed on as an argument."""
    return datetime.now(UTC)


def _settled(build: Build) -> list[str]:
    """Models that an incremental build may skip: nothing that they read has changed."""
    if build.full_refresh:
        return []
    with build.connect() as connection:
        heard = {log for (log,) in connection.execute("select distinct log from landing.batches").fetchall()}
    unheard = [model for log in contract() if log not in heard for model in (f"stg_{log}__*", f"tag:empty_without_{log}")]
    return [*unheard, *build.runner().reading_none_of(GROWING)]


def _choose_warehouse(settings: Settings, instants: Instants, pack: Pack) -> tuple[Path, bool]:
    ledger = Ledger.open(settings.home)
    following = BuildState(instants.known_seq, instants.as_of, pack.sha256, code_version(), settings_sha256(settings, ledger))
    return choose_warehouse(settings.home, following, ledger)


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
            $refused_rows::double as refused_rows, $match_rate::double as match_rate,
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
