"""What was shared with whom: failed checks by recipient, transfers abroad, the disclosures behind a figure, agreements.

Here: `fct_disclosures` and `dim_agreements`. Not here: rates (metrics.py). Names of checks come from a list in code.
"""

from __future__ import annotations

from dashboards.data.filters import any_of, bounds, limits, within
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period

CHECKS = (
    "recipient",
    "reason",
    "agreement",
    "consent",
    "authority",
    "categories",
    "purpose",
    "transfer",
    "no_sale",
    "told",
    "not_stopped",
)
"""The eleven checks in the mart's order: `ok_<check>` is its column. Nothing else ever becomes a column name."""
NOT_LISTED = "not_listed"
"""The kind of a recipient that is in no register."""
_RECIPIENT = "coalesce(recipient_id, 'unknown')"
_CHOSEN = any_of("recipients", _RECIPIENT)


def _applicable(check: str) -> str:
    """The disclosures in the denominator of a check: after a stop, those while one of the person was in force."""
    return f"ok_{check} is not null{' and stops_in_force <> []' if check == 'not_stopped' else ''}"


@cached
def recipients(ref: Ref) -> dict[str, str]:
    """Everyone who ever received something, with the kind that the register gave last."""
    found = rows(
        ref,
        f"""
        select {_RECIPIENT} as recipient, arg_max(coalesce(recipient_kind, $nobody), occurred_date) as kind
        from marts.fct_disclosures group by 1 order by 1
        """,
        {"nobody": NOT_LISTED},
    )
    return {row["recipient"]: row["kind"] for row in found}


@cached
def matrix(ref: Ref, chosen: tuple[str, ...], period: Period) -> list[Row]:
    """For each recipient: all disclosures, those with a failed check; of each check how many failed, of how many applicable."""
    counts = ", ".join(
        f"count(*) filter (not ok_{check}) as {check}, count(*) filter ({_applicable(check)}) as {check}_applicable"
        for check in CHECKS
    )
    return rows(
        ref,
        f"""
        select {_RECIPIENT} as recipient_id, count(*) as disclosures, count(*) filter (not within_policy) as failed, {counts}
        from marts.fct_disclosures where {within("occurred_date")} and {_CHOSEN}
        group by 1 order by disclosures desc, 1
        """,
        {**bounds(period), "recipients": list(chosen)},
    )


@cached
def transfers(ref: Ref, chosen: tuple[str, ...], period: Period) -> list[Row]:
    """Disclosures to other countries by what makes them safe: `country, safeguard, kind, n`.

    Which countries are abroad, and which of them are adequate by the pack, stands in `rpt_gdpr_art30`. `kind` is one of
    adequate, mechanism, none (the check failed) and unknown (not stated).
    """
    return rows(
        ref,
        f"""
        with countries as (
            select split_part(transfer, ': ', 1) as country, bool_or(transfer = country || ': adequate') as is_adequate
            from (select unnest(transfers) as transfer from marts.rpt_gdpr_art30) group by 1
        )
        select
            destination_country as country, count(*) as n,
            case
                when countries.is_adequate then 'adequate' when ok_transfer then 'mechanism'
                when not ok_transfer then 'none' else 'unknown'
            end as kind,
            case when not countries.is_adequate and ok_transfer then transfer_mechanism end as mechanism
        from marts.fct_disclosures
        inner join countries on destination_country = countries.country
        where {within("occurred_date")} and {_CHOSEN}
        group by all order by n desc, country, kind, mechanism
        """,
        {**bounds(period), "recipients": list(chosen)},
    )


@cached
def failed(ref: Ref, check: str, chosen: tuple[str, ...], period: Period) -> Row:
    """How many disclosures failed a check, of those that it applies to."""
    column = f"ok_{CHECKS[CHECKS.index(check)]}"
    return first(
        ref,
        f"""
        select
            count(*) as disclosures, count(*) filter ({_applicable(check)}) as applicable,
            count(*) filter (not {column}) as failed,
            count(distinct {_RECIPIENT}) filter (not {column}) as recipients
        from marts.fct_disclosures where {within("occurred_date")} and {_CHOSEN}
        """,
        {**bounds(period), "recipients": list(chosen)},
    )


@cached
def page(ref: Ref, check: str, chosen: tuple[str, ...], period: Period, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of the disclosures that failed a check, newest first."""
    column = f"ok_{CHECKS[CHECKS.index(check)]}"
    return rows(
        ref,
        f"""
        select * from marts.fct_disclosures
        where not {column} and {within("occurred_date")} and {_CHOSEN}
        order by occurred_at desc, namespace, event_id
        limit $size offset $skipped
        """,
        {**bounds(period), "recipients": list(chosen), **limits(rows_from_to)},
    )


@cached
def disclosure(ref: Ref, key: str) -> Row:
    """One disclosure by `namespace/event_id`, or an empty dictionary; no namespace holds a slash."""
    namespace, _, event_id = key.partition("/")
    return first(
        ref,
        "select * from marts.fct_disclosures where namespace = $namespace and event_id = $event_id",
        {"namespace": namespace, "event_id": event_id},
    )


@cached
def agreements(ref: Ref, chosen: tuple[str, ...]) -> list[Row]:
    """The agreements in force at as_of, and the last one of each recipient that has none any more; the next to end first."""
    return rows(
        ref,
        f"""
        with last as (
            select *, bool_or(is_in_force) over of_recipient as is_covered, max(valid_to) over of_recipient as last_end
            from marts.dim_agreements window of_recipient as (partition by recipient_id)
        )
        select * exclude (is_covered, last_end) from last
        where (is_in_force or (days_left < 0 and not is_covered and valid_to = last_end)) and {_CHOSEN}
        order by days_left nulls last, recipient_id, agreement_ref
        """,
        {"recipients": list(chosen)},
    )
