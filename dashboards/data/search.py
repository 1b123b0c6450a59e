"""What a reader looks for by its number: requests, record sets, recipients and findings whose reference holds the words.

Here: references only, never a person. Not here: the lists of a page with their filters, or where a result leads (search.py of the
components).
"""

from __future__ import annotations

from dashboards.data.control_results import has
from dashboards.data.query import Row, cached, rows
from dashboards.snapshots import Ref

LEAST, MOST = 2, 6
"""How many characters a search takes, and how many results of a kind it shows."""

_KINDS = {
    "request": ("fct_requests", "request_key", "request_id", "right_type"),
    "record": ("fct_records", "record_key", "record_id", "data_category"),
    "recipient": ("fct_disclosures", "recipient_id", "recipient_id", "null"),
    "finding": ("fct_findings", "finding_key", "coalesce(nullif(split_part(entity, '/', -1), ''), finding_key)", "word"),
}
"""Kind of result -> its mart, its key, its reference, and its description."""


@cached
def found(ref: Ref, words: str) -> list[Row]:
    """Results by kind and reference: `kind, key, name, more`; a reference that begins with the words stands first."""
    wanted = words.strip().casefold()
    if len(wanted) < LEAST:
        return []
    results: list[Row] = []
    for kind, (mart, key, name, more) in _KINDS.items():
        if not has(ref, mart):
            continue
        results += rows(
            ref,
            f"""
            select distinct $kind as kind, {key} as key, {name} as name, {more}::varchar as more
            from marts.{mart}
            where contains(lower({name}), $words) or lower({key}) = $words
            order by not starts_with(lower(name), $words), name, key limit {MOST}
            """,
            {"kind": kind, "words": wanted},
        )
    return results
