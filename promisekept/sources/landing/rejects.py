"""Rows that are rejected: which, why, and what may be kept of them.

Here: which events of a batch are rejected, and the rows of a quarantine file. A rejected row keeps its contract columns with
the person keyed; a value that looks personal, is long or is the person's own identifier is kept by length and keyed hash only,
and so is all of a row that could not be read or mapped. Not here: listing and retrying them (quarantine.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promisekept.sources.contract import Log, LogColumn, contract
from promisekept.sources.landing.landing_batch import BETWEEN_FILES, LandingBatch
from promisekept.sources.landing.validation import allowed_sql, required
from promisekept.sources.personal_data import looks_personal
from promisekept.sources.sandbox import literal, quoted, scalar
from promisekept.sources.zone.keys import keyed_sql

LONGEST = 100
COLUMNS: Mapping[str, str] = {
    "batch_id": "VARCHAR",
    "source": "VARCHAR",
    "namespace": "VARCHAR",
    "log": "VARCHAR",
    "row_number": "BIGINT",
    "reason": "VARCHAR",
    "column_name": "VARCHAR",
    "value": "VARCHAR",
    "event_id": "VARCHAR",
    "occurred_at": "TIMESTAMPTZ",
    "landed_at": "TIMESTAMPTZ",
    "request_id": "VARCHAR",
    "right_type": "VARCHAR",
    "jurisdiction": "VARCHAR",
    "channel": "VARCHAR",
    "event_type": "VARCHAR",
    "subject_key": "VARCHAR",
    "key_id": "VARCHAR",
    "content": "VARCHAR",
}
_ATTRIBUTING = frozenset(
    {"record_id", "incident_id", "policy_version", "purpose_code", "recipient_id", "data_category", "system", "feature"}
)
"""Columns of free form by which a row is attributed; codes, places and numbers are recognised by their kind."""
_PERSONAL = "(rejected.reason = 'personal_data_in_identifier')"
_ATTRIBUTES = ("request_id", "right_type", "jurisdiction", "channel", "event_type")


def create_rejects(batch: LandingBatch, doubtful: str) -> dict[str, int]:
    """Create `REJECTED`; returns the number of rows by reason.

    Args:
        batch: with typed events and persons.
        doubtful: the typed events, or a relation like them without rows that are certainly right.
    """
    connection, log = batch.connection, batch.log
    connection.execute(f"""
        create temp table {batch.REJECTED} as
        select _n, _row, split_part(problem, '|', 1) as reason, split_part(problem, '|', 2) as column_name
        from (select _n, _row, problem from {doubtful} where problem is not null)""")
    blank = log.subjects if log.subjects and scalar(connection, f"select count(*) from {batch.PERSONS} where key is null") else ()
    for subject in blank:
        needed = " or ".join(required(subject)) or "false"
        connection.execute(
            f"""insert into {batch.REJECTED} select _n, _row, 'missing_value', '{subject.name}' from {batch.TYPED}
            where {subject.name} in (select ref from {batch.PERSONS} where key is null) and ({needed})
            and _n not in (select _n from {batch.REJECTED})"""
        )
    found = connection.execute(f"select reason, count(*) from {batch.REJECTED} group by reason order by reason").fetchall()
    return {str(reason): int(rows) for reason, rows in found}


def rejects_select(batch: LandingBatch) -> str:
    """The rows of the quarantine file, and `file`; binds the pads, $source, $namespace, $batch_id, $key_id and $landed_at."""
    log, columns = batch.log, batch.events.columns
    subject = "typed.subject_ref" if log.subjects else "null"
    mapped = {column.name: f"mapped.{quoted(column.name)}" for column in log.columns if column.name in columns}
    texts = {name: f"{sql}::varchar" for name, sql in mapped.items()}
    persons = {column.name for column in log.subjects}
    value = " ".join(
        f"when {literal(name)} then nullif({_shown(text, subject)}, '')" for name, text in texts.items() if name not in persons
    )
    fields = ", ".join(
        f"{literal(column.landed_name)}, {_content(column, texts[column.name], subject)}"
        for column in log.columns
        if column.name in texts
    )
    attributes = ", ".join(_attribute(log, name, subject) for name in _ATTRIBUTES)
    key = "person.key" if log.subjects else "null::varchar"
    join = f"left join {batch.PERSONS} as person on typed.subject_ref = person.ref and typed.subject_ref_type = person.ref_type"
    offending = f"case when not {_PERSONAL} then case rejected.column_name {value} end end" if value else "null::varchar"
    parts = [
        f"""select rejected._n // {BETWEEN_FILES} as file, rejected._row, rejected.reason, rejected.column_name,
            {offending} as value,
            {_shown("typed.event_id", subject)} as event_id, typed.occurred_at, {attributes}, {key} as subject_key,
            json_object({fields})::varchar as content
        from {batch.REJECTED} as rejected
        join {batch.MAPPED} as mapped using (_n) join {batch.TYPED} as typed using (_n) {join if log.subjects else ""}""",
        _bare("malformed_row", batch.BROKEN, {"row": "content"}),
    ]
    if batch.events.failed:
        parts.append(_bare("mapping_failed", batch.FAILING, {name: quoted(name) for name in batch.table.columns}))
    union = " union all ".join(parts)
    return f"""
    select $batch_id as batch_id, $source as source, $namespace as namespace, '{log.name}' as log, _row as row_number,
        reason, column_name, value, event_id, occurred_at, $landed_at::timestamptz as landed_at,
        {", ".join(_ATTRIBUTES)}, subject_key, $key_id as key_id, content, file
    from ({union}) order by row_number, event_id"""


def attributing_content() -> str:
    """The `content` of a rejected row with what attributes it alone: no value for which it was rejected or could have been.

    SQL over the columns of a quarantine file.
    """
    of_logs = " ".join(f"when {literal(log.name)} then {_attributing(log)}" for log in contract().values())
    return f"case log {of_logs} end"


def _attributing(log: Log) -> str:
    fields = ", ".join(
        f"{literal(one.name)}, case when column_name is distinct from {literal(one.name)}"
        f" and ({_allowed(one, _of_content(one, '->>'))}) then {_of_content(one, '->')} end"
        for one in log.columns
        if one.kind in ("code", "place", "integer") or one.name in _ATTRIBUTING
    )
    return f"json_object({fields})::varchar"


def _of_content(column: LogColumn, operator: str) -> str:
    return f"(content {operator} {literal('$.' + column.name)})"


def _allowed(column: LogColumn, text: str) -> str:
    """SQL condition: the contract allows a text as the value of a column; true where it only knows that this is a text."""
    if column.kind == "integer":
        return f"try_cast({text} as bigint) between {column.least} and {column.most}"
    return allowed_sql(column, text) or "true"


def _safe(text: str, subject: str) -> str:
    own = f"lower({text}) is not distinct from lower({subject})"
    return f"not ({looks_personal(text)} or length({text}) > {LONGEST} or {own})"


def _shown(text: str, subject: str) -> str:
    return f"case when {_safe(text, subject)} then {text} end"


def _hashed(text: str) -> str:
    message = f"'text:' || {text}"
    return f"json_object('length', length({text}), 'hash', {keyed_sql(message)})"


def _content(column: LogColumn, text: str, subject: str) -> str:
    if column.kind == "subject":
        alias = "person.key" if column.name == "subject_ref" else "null"
        return f"to_json({alias})"
    named = f"({_PERSONAL} and rejected.column_name = {literal(column.name)})"
    shown = f"{text} is null or ({_safe(text, subject)} and not {named})"
    return f"case when {shown} then to_json({text}) else {_hashed(text)} end"


def _attribute(log: Log, name: str, subject: str) -> str:
    """A column by which a rejected row can be attributed; null where its value can't be trusted."""
    if name not in log.names:
        return f"null::varchar as {name}"
    column, typed = log.column(name), f"typed.{name}"
    if allowed := allowed_sql(column, typed):
        return f"case when {allowed} then {typed} end as {name}"
    return f"{_shown(typed, subject)} as {name}"


def _bare(reason: str, relation: str, columns: Mapping[str, str]) -> str:
    def fields() -> Iterator[str]:
        for name, sql in columns.items():
            text = f"{sql}::varchar"
            yield f"{literal(name)}, {_hashed(text)}"

    nulls = ", ".join(f"null::varchar as {name}" for name in _ATTRIBUTES)
    return f"""select 0 as file, _row, '{reason}' as reason, null::varchar as column_name, null::varchar as value,
        null::varchar as event_id, null::timestamptz as occurred_at, {nulls}, null::varchar as subject_key,
        json_object({", ".join(fields())})::varchar as content from {relation}"""
