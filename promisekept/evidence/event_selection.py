"""Which landed events stand behind a bundle: enough of them to compute its requests and its figures again.

Here: the units of each log whose events are given, as tables `wanted_<log>` beside the views `landed_<log>`. Not here: writing
the events down (events.py) or computing anything from them (reperforming.py).

A unit is given whole: all events of a request, of a record set, of a person's decisions about a purpose. Given are

- the units of the bundle's rows, and those that a finding of the period names;
- units that can't be assessed, whenever: the worst case counts them as long as they may belong to its period;
- what the period's disclosures, processing and new record sets are held against: what those persons had asked for, by whichever
  of their identifiers, whether or not it was answered, and what ended that again; for objections what their data was used for
  before; for erasures all events of the person's records;
- consents that were asked for in the period and never decided, and whoever asked to withdraw one;
- every version of an event of which one version is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import duckdb

from promisekept.evidence.tables import ROWS_AT_ONCE
from promisekept.sources.contract import contract

UNITS: Mapping[str, tuple[str, ...]] = {name: log.life for name, log in contract().items()}
"""By log the columns that make one unit."""

_MARTS = MappingProxyType(
    {
        "requests": "fct_requests",
        "consents": "fct_consents",
        "disclosures": "fct_disclosures",
        "retention": "fct_records",
        "collections": "fct_collections",
        "processing": "fct_processing",
        "incidents": "fct_incidents",
        "remediations": "fct_remediation_events",
    }
)
_OF_A_REGIME = ("requests", "policies")
BINDING = ("erasure", "objection", "restriction", "opt_out_sale_share", "automated_decision")
"""Rights whose answer, or whose due date without one, stops what follows."""
_UNJUDGED = "finding_code in ('conflict', 'orphan', 'event_before_receipt')"


def logs_of(relations: Mapping[str, str]) -> list[str]:
    """The logs of which a bundle with these marts holds events: all of them, or what a single law needs."""
    whole = _MARTS["consents"] in relations
    return [log for log in UNITS if whole or log in _OF_A_REGIME]


def choose_units(
    database: duckdb.DuckDBPyConnection,
    snapshot: duckdb.DuckDBPyConnection,
    relations: Mapping[str, str],
    report: Callable[[str], None],
) -> None:
    """Fill `wanted_<log>` for each log of the bundle.

    Args:
        database: with `landed_<log>` for each log and `landing.quarantine`.
        snapshot: on which the queries in `relations` run, with its one-row relation `scope`.
        relations: by mart the query of its rows in the bundle.
        report: called with what is being chosen.
    """
    for log, columns in UNITS.items():
        database.execute(f"create or replace temp table wanted_{log} ({', '.join(f'{name} varchar' for name in columns)})")
    copy_table(database, "scope", snapshot, "select * from scope")
    for log, mart in _MARTS.items():
        if mart in relations:
            report(f"those of the bundle's rows · {log}")
            copy_table(database, "units", snapshot, f"select {', '.join(UNITS[log])} from ({relations[mart]})")
            _select(database, log, "select * from units")
    copy_table(database, "units", snapshot, f"{_REQUESTS} where status = 'no_rule'")
    _select(database, "requests", "select namespace, request_id from units")
    _select(database, "policies", "select namespace, policy_version from landed_policies")
    report("those that findings name")
    _select_findings(database, snapshot, relations)
    # Whether dates that were declared elsewhere are measured at all shows in any request under them, whenever it came.
    copy_table(database, "units", snapshot, _REQUESTS + " where regime_code = 'DECLARED' order by request_key limit 1")
    _select(database, "requests", "select namespace, request_id from units")
    if _MARTS["consents"] in relations:
        report("earlier ones of the same persons")
        _select_persons(database, snapshot, relations)
    for log in logs_of(relations):
        report(f"all versions of each · {log}")
        _select_versions(database, log)


_REQUESTS = "select namespace, request_id, subject_key from marts.fct_requests"


def _select_findings(
    database: duckdb.DuckDBPyConnection, snapshot: duckdb.DuckDBPyConnection, relations: Mapping[str, str]
) -> None:
    named = f"select source, event_id from marts.fct_findings where {_UNJUDGED}"
    if "fct_findings" in relations:
        named += f" union select source, event_id from ({relations['fct_findings']})"
    copy_table(database, "named", snapshot, named)
    for log in logs_of(relations):
        columns = ", ".join(f"landed.{name}" for name in UNITS[log])
        _select(database, log, f"select {columns} from landed_{log} as landed semi join named using (source, event_id)")
    for log in ("requests", "retention", "incidents"):
        namespace, life = UNITS[log]
        unit = f"content ->> '$.{life}'"
        _select(database, log, f"select {namespace}, {unit} from landing.quarantine where log = '{log}' and {unit} is not null")


def _select_persons(
    database: duckdb.DuckDBPyConnection, snapshot: duckdb.DuckDBPyConnection, relations: Mapping[str, str]
) -> None:
    """The earlier acts of a person, under any identifier, that decide what the period might do with that person's data."""
    subjects = {
        name: f"select subject_key from ({relations[mart]}) where subject_key is not null"
        for name, mart in (("disclosed", "fct_disclosures"), ("processed", "fct_processing"), ("erased", "fct_erasures"))
    }
    subjects["created"] = (
        f"select subject_key from ({relations['fct_records']}), scope where subject_key is not null"
        " and created_date >= scope.start_date and created_date < scope.end_date"
    )
    copy_table(database, "concerned", snapshot, " union ".join(subjects.values()))
    _identifiers(database, "concerned")
    _select(
        database,
        "subject_links",
        "select namespace, event_id from landed_subject_links"
        " where subject_key in (from concerned) or other_key in (from concerned)",
    )
    copy_table(database, "erased", snapshot, subjects["erased"])
    _identifiers(database, "erased")
    _select(database, "retention", "select namespace, record_id from landed_retention where subject_key in (from erased)")
    binding = f"right_type in ({', '.join(map(repr, BINDING))}) and status <> 'excluded' and subject_key is not null"
    copy_table(database, "binding", snapshot, f"{_REQUESTS} where {binding}")
    _select(database, "requests", "select namespace, request_id from binding where subject_key in (from concerned)")
    _select_withdrawals(database, snapshot)
    database.execute(
        "create or replace temp table stopping as select distinct subject_key from binding where subject_key in (from concerned)"
    )
    _identifiers(database, "stopping")
    copy_table(database, "objecting", snapshot, f"{_REQUESTS} where right_type = 'objection' and {binding}")
    database.execute(
        "create or replace temp table objectors as select subject_key from objecting semi join stopping using (subject_key)"
    )
    _identifiers(database, "objectors")
    _select(database, "processing", "select namespace, event_id from landed_processing where subject_key in (from objectors)")
    _select(database, "collections", "select namespace, event_id from landed_collections where subject_key in (from stopping)")
    day = "(occurred_at at time zone (select zone from scope))::date"
    _select(
        database,
        "consents",
        "select subject_key, purpose_code from landed_consents, scope"
        f" where event_type = 'shown' and {day} >= scope.start_date and {day} < scope.end_date",
    )


def _select_withdrawals(database: duckdb.DuckDBPyConnection, snapshot: duckdb.DuckDBPyConnection) -> None:
    """Requests that may have ended a consent of the period, answered or not, with all decisions of those persons."""
    copy_table(
        database,
        "withdrawals",
        snapshot,
        f"{_REQUESTS} where right_type = 'consent_withdrawal' and status <> 'excluded' and subject_key is not null"
        " and received_date < (select end_date from scope)",
    )
    _select(database, "requests", "select namespace, request_id from withdrawals")
    database.execute("create or replace temp table withdrawing as select distinct subject_key from withdrawals")
    _identifiers(database, "withdrawing")
    _select(
        database,
        "subject_links",
        "select namespace, event_id from landed_subject_links"
        " where subject_key in (from withdrawing) or other_key in (from withdrawing)",
    )
    _select(
        database,
        "consents",
        "select subject_key, purpose_code from landed_consents where subject_key in (from withdrawing)",
    )


def _identifiers(database: duckdb.DuckDBPyConnection, people: str) -> None:
    """Add to some subject keys all others that are the same persons', however many links apart."""
    while True:
        before = _rows(database, people)
        database.execute(
            f"""
            insert into {people}
            select distinct key from (
                select other_key as key from landed_subject_links where subject_key in (from {people})
                union
                select subject_key from landed_subject_links where other_key in (from {people})
            ) where key is not null and key not in (from {people})
            """
        )
        if _rows(database, people) == before:
            return


def _select_versions(database: duckdb.DuckDBPyConnection, log: str) -> None:
    """Of an event that landed in several versions all of them, and the units that any of them belongs to."""
    columns = ", ".join(UNITS[log])
    database.execute(
        f"""
        create or replace temp table versions as
        select distinct namespace as version_of, event_id as version_id, {columns}
        from landed_{log}
        where (namespace, event_id) in (select (namespace, event_id) from landed_{log} where collides)
        """
    )
    while True:
        before = _rows(database, f"wanted_{log}")
        _select(
            database,
            log,
            f"""
            select {columns} from versions where (version_of, version_id) in (
                select (version_of, version_id) from versions semi join wanted_{log} using ({columns})
            )
            """,
        )
        if _rows(database, f"wanted_{log}") == before:
            return


def _select(database: duckdb.DuckDBPyConnection, log: str, units: str) -> None:
    columns = UNITS[log]
    is_whole = " and ".join(f"{name} is not null" for name in columns)
    database.execute(
        f"insert into wanted_{log} select distinct * from ({units}) as units ({', '.join(columns)})"
        f" anti join wanted_{log} using ({', '.join(columns)}) where {is_whole}"
    )


def copy_table(to: duckdb.DuckDBPyConnection, name: str, of: duckdb.DuckDBPyConnection, query: str) -> None:
    """A table of one connection, each row once, on another."""
    to.register("brought", of.sql(query).to_arrow_reader(ROWS_AT_ONCE))  # a table of Arrow's would lie in memory as a whole
    to.execute(f"create or replace temp table {name} as select distinct * from brought")
    to.unregister("brought")


def _rows(database: duckdb.DuckDBPyConnection, relation: str) -> int:
    ((rows,),) = database.execute(f"select count(*) from {relation}").fetchall()
    return int(rows)
