"""Whether a build may be incremental, or has to be a full refresh.

Here: the inputs of a build, recorded beside its facts, and the rule that compares them with those of the next one. An incremental
build needs that nothing was taken back: landed rows are still there, identifiers of one person stay one person, and the rules are
the same. Not here: which keys an incremental build recomputes (dbt_project/macros/incremental/).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.damaged_builds import remove, report_damage, require_readable
from orchestration.dbt_runner import DATABASE, OUTGOING
from promisekept.config.settings import Settings
from promisekept.sources.zone.batches import RETIRED
from promisekept.sources.zone.ledger import Ledger, Line
from promisekept.system_errors import raise_if_refused

LOOK_BACK = "look_back"
"""The folder below home in which a point-in-time rebuild builds."""
UNFINISHED = "create table if not exists run.unfinished as select 1 as build"
"""What a build leaves that did not end: the next one is a full refresh."""
REMEMBER = """
create or replace table run.build_state as
select known_seq, as_of, known_at, pack_sha256, code_version, settings_sha256 from run.run_instants
"""


@dataclass(frozen=True)
class BuildState:
    """What the facts of a warehouse were last built from.

    Attributes:
        known_seq: the watermark: the line of the ledger up to which landed rows were read.
        as_of: only events until then count in them.
        pack_sha256: the policy pack.
        code_version: the models.
        settings_sha256: the settings that these read, and which landed rows were purged.
    """

    known_seq: int
    as_of: datetime
    pack_sha256: str
    code_version: str
    settings_sha256: str


def choose_warehouse(home: Path, following: BuildState, ledger: Ledger) -> tuple[Path, str | None]:
    """The database of a build, and why it is a full refresh; None where it may be incremental.

    A point-in-time rebuild (an instant before the one that the warehouse stands at) builds in a database of its own, so that
    the daily one never moves backwards.

    Raises:
        LockHeld: another process has one of the databases open.
    """
    daily = home / DATABASE
    last = _last_of_both(daily, daily.with_name(OUTGOING))
    if last is None:
        return daily, "no finished build is there to add to"
    if following.known_seq < last.known_seq or following.as_of < last.as_of:
        rebuild = home / LOOK_BACK / DATABASE
        rebuild.parent.mkdir(exist_ok=True)
        remove(rebuild)
        remove(rebuild.with_name(OUTGOING))
        return rebuild, "the instants lie before those of the last build"
    return daily, why_from_scratch(last, following, ledger)


def _last_of_both(warehouse: Path, outgoing: Path) -> BuildState | None:
    there = [database for database in (warehouse, outgoing) if database.exists()]
    try:
        require_readable(*there)
        if len(there) < 2:
            return None
        with duckdb.connect(str(warehouse)) as connection:
            return last_build(connection)
    except duckdb.Error as error:
        raise_if_refused(error)  # what can't be opened today is not damaged
        report_damage()
        remove(warehouse)
        remove(outgoing)
        return None


def why_from_scratch(last: BuildState, following: BuildState, ledger: Ledger) -> str | None:
    """What changed other than by rows that were added; None where the rules are the same and nothing was taken back.

    Args:
        last: of the build whose facts are there.
        following: of the build to come; its watermark is not before that of the last.
        ledger: of their home.
    """
    if last.pack_sha256 != following.pack_sha256:
        return "the policy pack changed"
    if last.code_version != following.code_version:
        return "the version of the models changed"
    if last.settings_sha256 != following.settings_sha256:
        purged = any(line.seq > last.known_seq for line in ledger.lines(RETIRED))
        return "landed rows were purged" if purged else "a setting that the models read changed"
    new = (line for line in ledger.lines("batch", until=following.known_seq) if line.seq > last.known_seq)
    return next((why for why in map(_takes_back, new) if why), None)


def _takes_back(batch: Line) -> str | None:
    if batch.body["supersedes"]:  # its rows are gone, and with them the persons that they named
        return f"batch {batch.body['batch_id']} of {batch.body['source']} was mapped again"
    revised = batch.body["counts"]["superseding"] + batch.body["counts"]["conflicting"]
    if batch.body["log"] == "subject_links" and revised:  # it may separate identifiers that were one person
        return f"batch {batch.body['batch_id']} of {batch.body['source']} revised a link between identifiers"
    return None


def read_by_models(settings: Settings) -> dict[str, Any]:
    """The settings that the models read in run.run_instants, by column."""
    organisation, thresholds = settings.organisation, settings.thresholds
    return {
        "organisation": organisation.name,
        "country": organisation.country,
        "time_zone": organisation.time_zone,
        **thresholds.model_dump(),
        "dimensions": settings.dimensions.text,
    }


def settings_sha256(settings: Settings, ledger: Ledger) -> str:
    """A fingerprint of those settings, of how sources mean their due dates, and of the last purge of landed rows.

    They are gone for every build, also for one that knows less.
    """
    instants = sorted(source.name for source in settings.sources if source.declared_due == "instant")
    fallen = max((line.seq for line in ledger.lines(RETIRED)), default=0)
    return hashlib.sha256(json.dumps([read_by_models(settings), instants, fallen], sort_keys=True).encode()).hexdigest()


def last_build(connection: duckdb.DuckDBPyConnection) -> BuildState | None:
    """What the facts of a warehouse were built from; None where there are none, or where a build was left in the middle."""
    try:
        connection.execute("set TimeZone = 'UTC'")
        unfinished = "select 1 from duckdb_tables() where (schema_name, table_name) = ('run', 'unfinished')"
        if connection.execute(unfinished).fetchall():
            return None
        columns = ", ".join(field.name for field in fields(BuildState))
        rows = connection.execute(f"select {columns} from run.build_state").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):  # of a version that remembered less
        return None
    return BuildState(*rows[0]) if rows else None
