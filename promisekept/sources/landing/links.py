"""Rows that name their person twice -> events of subject_links.

Here: the SELECT over what the source's own mapping yields, and the id of a link, which is made of both keys and the instant
once the persons are keyed, so that no identifier is in it and the same link recorded twice is a duplicate. Not here: which source
has links (promisekept/config/links.py); from mapping to ledger a link goes the way of every row.
"""

from __future__ import annotations

import duckdb

from promisekept.config.links import Links
from promisekept.sources.extract.file_readers import SourceTable
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.sandbox import described, literal, quoted


def link_select(connection: duckdb.DuckDBPyConnection, links: Links, sql: str, table: SourceTable) -> str:
    """The links in the rows that a source's mapping yields; until the persons are keyed, an id is the row's number.

    Args:
        connection: the sandbox database, with `source`.
        links: which column names the person once more.
        sql: the source's mapping.
        table: what was read.

    Raises:
        RejectedFileError: the column is not there, or the mapping names no person or no time.
        duckdb.Error: the mapping does not run.
    """
    yields = described(connection, f"({sql})")
    if links.column not in table.columns:
        message = f"It has no column `{links.column}`, which `links` names. Add it, or correct the key."
        raise RejectedFileError("missing_column", message, table.header, table.rows)
    for needed in ("_row", "subject_ref", "occurred_at"):
        if needed not in yields:
            message = f"Its rows yield no `{needed}`, so there is nobody or no time to link. Yield it, or remove `links`."
            raise RejectedFileError("mapping_columns", message, table.header, table.rows)
    typed = ", events.subject_ref_type" if "subject_ref_type" in yields else ""
    other = f"beside.{quoted(links.column)}"
    return f"""
    select distinct events._row, events._row::varchar as event_id, events.occurred_at, events.subject_ref{typed},
        {other} as other_ref, {literal(links.type)} as other_ref_type
    from ({sql}) as events
    inner join source as beside on events._row = beside._row
    where trim(events.subject_ref::varchar) <> '' and trim({other}::varchar) <> ''"""


def name_links(batch: LandingBatch) -> None:
    """Give typed links their ids, once the persons have keys."""
    one, other = (subject.name for subject in batch.log.subjects)
    batch.connection.execute(
        f"""update {batch.TYPED} as typed
        set event_id = 'link-' || left(sha256(one.key || other.key || epoch_us(typed.occurred_at)), 32)
        from {batch.PERSONS} as one, {batch.PERSONS} as other
        where typed.{one} = one.ref and typed.{one}_type = one.ref_type
        and typed.{other} = other.ref and typed.{other}_type = other.ref_type
        and one.key is not null and other.key is not null and typed.occurred_at is not null"""
    )
