"""People and cases under other names in every bundle, so that what two readers hold can't be put together by a name.

Here: the key of one bundle, made of the pseudonym key and the scope, and how a column of a mart or of an event is shown under
it. Not here: the pseudonym key itself (sources/zone/keys.py). The same scope gives the same names again; without the pseudonym
key nobody can link two names of two bundles as one person or one case.

A name is the keyed hash of the id. Ids that hold others, such as `request_key`, hold them keyed, so that tables join within a
bundle as they do in the snapshot. Where the models order two events of one instant by their ids, the name of each begins
with a number that keeps their order; else the figures could not be computed again. The rows of a delivery are renumbered, in
the order of the names.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from promisekept.evidence.event_selection import copy_table
from promisekept.evidence.scope import WITH_IDS, Scope
from promisekept.evidence.tables import is_nested
from promisekept.sources.contract import contract
from promisekept.sources.zone.keys import Key, keyed_sql

BY_NAME: Mapping[str, str] = {
    **dict.fromkeys(("subject_key", "other_key", "actor_key", "decided_by"), "keyed({})"),
    **dict.fromkeys(("event_id", "applied_event_id", "withdrawn_event_id", "last_event_id"), "shown_event({})"),
    **dict.fromkeys(
        ("request_id", "record_id", "incident_id", "duplicate_of", "hold_ref", "authority_ref", "evidence_ref", "finding_key"),
        "shown_id({})",
    ),
    "contract_ref": "shown_contract({})",
    **dict.fromkeys(("request_key", "stopped_by", "decision_stopped_by"), "shown_request({})"),
    **dict.fromkeys(("record_key", "incident_key"), "shown_unit({})"),
    **dict.fromkeys(("missed", "recreated"), "list_sort(list_transform({}, lambda one: shown_unit(one)))"),
    **dict.fromkeys(("hold_refs", "holds_not_reviewed"), "list_sort(list_transform({}, lambda one: shown_id(one)))"),
    "entity": "shown_entity({})",
    "detail": "shown_detail({})",
}
"""By name of a column what a bundle shows of it. Whatever is not here is no id of a person or of a case."""

IDS_LEFT_OUT = {
    "what": "the ids of events, requests, records and incidents, references to evidence, holds, authorities and contracts that"
    " the pack does not name, numbers of delivered rows",
    "reason": "the bundle has names of its own for them, so that no two bundles can be put together by an id",
}
_BESIDE = {"row_number": "rows_shown", "provenance": "provenance_shown"}
"""What stands in tables beside, since it takes other rows to derive it."""

_STOPS = ("stopped_by", "decision_stopped_by")
_RIGHTS = contract()["requests"].column("right_type").codes
_LOGS_OF_ACTS = [name for name, log in contract().items() if "event_id" in log.life] + ["consents"]
_MACROS: Mapping[str, str] = {
    "shown_id(id)": "keyed(id)",
    "shown_event(event)": (
        "coalesce((select lpad(place::varchar, 16, '0') || '-' from temp.events_in_order where event_id = event), '')"
        " || shown_id(event)"
    ),
    "shown_contract(ref)": "if(list_contains(getvariable('contracts_of_the_pack'), ref), ref, shown_id(ref))",
    # A namespace has no slash and a right is a closed code: so what holds an id can be taken apart.
    "unit_parts(unit)": "regexp_extract(unit, '(?s)^([^/]*)/(.*)$', ['namespace', 'id'])",
    "shown_unit(unit)": "unit_parts(unit).namespace || '/' || shown_id(unit_parts(unit).id)",
    "request_parts(request)": "regexp_extract(request, '(?s)^(.*)/([a-z_]+)$', ['unit', 'right_type'])",
    "shown_request(request)": "shown_unit(request_parts(request).unit) || '/' || request_parts(request).right_type",
    "entity_parts(entity)": "regexp_extract(entity, '(?s)^([^/]*)/(.*)$', ['log', 'unit'])",
    "shown_entity(entity)": f"""case
        when regexp_matches(entity, '(?s)^(requests|erasures)/[^/]+/.*/({"|".join(_RIGHTS)})$')
            then entity_parts(entity).log || '/' || shown_request(entity_parts(entity).unit)
        when regexp_matches(entity, '(?s)^({"|".join(_LOGS_OF_ACTS)})/[^/]+/')
            then entity_parts(entity).log || '/' || unit_parts(entity_parts(entity).unit).namespace || '/'
                || shown_event(unit_parts(entity_parts(entity).unit).id)
        when regexp_matches(entity, '(?s)^(requests|retention|incidents)/[^/]+/')
            then entity_parts(entity).log || '/' || shown_unit(entity_parts(entity).unit)
        else entity
    end""",
    "shown_detail(detail)": "case"
    + "".join(
        f" when starts_with(detail, '{{') and json_exists(detail, '$.{name}')"
        f" then json_merge_patch(detail, json_object('{name}', shown_request(detail ->> '$.{name}')))::varchar"
        for name in _STOPS
    )
    + " else detail end",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The same names for text that no query writes: `key` is the bundle's; None = ids are kept."""

    key: Key | None = None

    def of(self, id_: str) -> str:
        """The name of a request, a record, an incident or a finding."""
        return id_ if self.key is None else self.key.digest(id_)

    def of_request(self, request_key: str) -> str:
        """A `request_key` with the request's name in it."""
        unit, _, right_type = request_key.rpartition("/")
        namespace, _, request_id = unit.partition("/")
        return f"{namespace}/{self.of(request_id)}/{right_type}"

    def in_detail(self, detail: str | None) -> str | None:
        """The detail of a finding, with the names of the requests that it mentions."""
        try:
            fields = json.loads(detail or "")
        except ValueError:
            return detail
        if not isinstance(fields, dict):
            return detail
        return json.dumps(fields | {name: self.of_request(fields[name]) for name in _STOPS if fields.get(name)})


IDS_KEPT = Names()


def bundle_key(key: Key, scope: Scope) -> Key:
    """The key under which a bundle shows people and cases: HMAC-SHA-256(pseudonym key, snapshot | period | audience | regime).

    One that keeps the ids of cases has a key of its own, so that it does not give the ids of the other one away.
    """
    kind = (WITH_IDS,) if scope.keeps_ids else ()
    message = "|".join((scope.snapshot, scope.period.code, scope.audience, scope.regime or "", *kind))
    return Key(key.id, hmac.new(key.secret, message.encode(), hashlib.sha256).hexdigest().encode())


def rekey(
    database: duckdb.DuckDBPyConnection,
    snapshot: duckdb.DuckDBPyConnection,
    key: Key,
    *,
    events: Mapping[str, str],
    rows: Sequence[str],
    traces: str | None,
    contracts: Sequence[str],
    keeps_ids: bool,
) -> None:
    """Create on both connections the names that the bundle gives people, cases and rows: what `shown` and `joined` ask for.

    Args:
        database: holds what landed.
        snapshot: on which the queries in `rows` and `traces` run.
        key: of the bundle.
        events: by log the query of the events in the bundle, in that database.
        rows: queries that yield rows of the snapshot's marts that are in the bundle and lead back to a landed one.
        traces: the query of `fct_request_traces`; None where the bundle has none.
        contracts: the references that the pack names; they are a rule's and stay.
        keeps_ids: only people get other names.
    """
    for connection in (database, snapshot):
        _set_key(connection, key)
    _order_events(database, events if not keeps_ids else {})
    copy_table(snapshot, "events_in_order", database, "from events_in_order")
    for connection in (database, snapshot):
        connection.execute("set variable contracts_of_the_pack = $contracts::varchar[]", {"contracts": list(contracts)})
        for name, meaning in {**_MACROS, **({"shown_id(id)": "id"} if keeps_ids else {})}.items():
            connection.execute(f"create or replace temp macro {name} as {meaning}")
    of_marts = [f"rows_of_marts_{number}" for number in range(len(rows))]
    for name, query in zip(of_marts, rows, strict=True):
        copy_table(database, name, snapshot, f"select batch_id, row_number, event_id from ({query})")
    sources = [*(f"({query})" for query in events.values()), "landing.quarantine", *of_marts]
    every = " union ".join(f"select batch_id, row_number, event_id from {source}" for source in sources)
    renumbered = "row_number() over (partition by batch_id order by min(keyed(event_id)), row_number)"
    # One row of a delivery may hold several events: it has one number.
    shown_number = "row_number" if keeps_ids else renumbered
    database.execute(
        f"create or replace temp table rows_shown as select batch_id, row_number, {shown_number} as shown"
        f" from ({every}) where row_number is not null group by batch_id, row_number"
    )
    copy_table(snapshot, "rows_shown", database, "from rows_shown")
    if traces is not None:
        _show_traces(snapshot, traces)


def shown(name: str, kind: str, of: str = "mart") -> str:
    """A column as a bundle holds it: people, cases and rows under the bundle's own names, lists and structures as JSON.

    Args:
        name: of the column.
        kind: its SQL type.
        of: the relation that has it, in a query with the join of `joined`.
    """
    if name in ("row_number", "provenance"):
        return f"{_BESIDE[name]}.shown as {name}"
    value = BY_NAME.get(name, "{}").format(f'{of}."{name}"')
    return f'to_json({value})::varchar as "{name}"' if is_nested(kind) else f'{value} as "{name}"'


def joined(columns: Iterable[str], of: str = "mart") -> str:
    """What a query of some columns joins with, so that they can be shown."""
    keys = {"row_number": ("batch_id", "row_number"), "provenance": ("request_key",)}
    return " ".join(
        f"left join {_BESIDE[name]} on " + " and ".join(f"{of}.{key} = {_BESIDE[name]}.{key}" for key in keys[name])
        for name in columns
        if name in keys
    )


def _set_key(connection: duckdb.DuckDBPyConnection, key: Key) -> None:
    for name, pad in key.pads.items():
        connection.execute(f"set variable {name} = $pad::blob", {"pad": pad})
    keyed = keyed_sql("text", "getvariable('ipad')", "getvariable('opad')")
    connection.execute(f"create or replace temp macro keyed(text) as {keyed}")


def _order_events(database: duckdb.DuckDBPyConnection, events: Mapping[str, str]) -> None:
    """Of the events that share an instant with others of their log their place by id, with gaps of the bundle's own."""
    every = "".join(f" union all select '{log}', occurred_at, event_id from ({query})" for log, query in events.items())
    database.execute(
        f"""
        create or replace temp table events_in_order as
        with
        events as (select null as log, null::timestamptz as occurred_at, null::varchar as event_id where false{every}),
        crowded as (
            select event_id from events
            window instant as (partition by log, occurred_at)
            qualify min(event_id) over instant <> max(event_id) over instant
        )
        select event_id, sum(1 + ('0x' || left(keyed(event_id), 4))::bigint) over (order by event_id)::bigint as place
        from (select distinct event_id from crowded)
        """
    )


def _show_traces(snapshot: duckdb.DuckDBPyConnection, traces: str) -> None:
    """The rows that a request is made of, each under its number in the bundle."""
    snapshot.execute(
        f"""
        create or replace temp table provenance_shown as
        with places as (
            select request_key, unnest(provenance) as place, generate_subscripts(provenance, 1) as number from ({traces})
        )
        select
            places.request_key,
            to_json(list(struct_update(places.place, row_number := rows_shown.shown) order by places.number))::varchar as shown
        from places
        left join rows_shown on places.place.batch_id = rows_shown.batch_id and places.place.row_number = rows_shown.row_number
        group by places.request_key
        """
    )
