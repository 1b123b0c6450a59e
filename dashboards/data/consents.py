"""Consents that are active at the end of a period and can't be proven, by reason.

Here: `fct_consents` and the versions of the policy that they name. Not here: rates (metrics.py), withdrawals
(withdrawals.py).
"""

from __future__ import annotations

from dashboards.data.filters import any_of
from dashboards.data.query import Row, cached, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period


@cached
def unprovable(ref: Ref, purposes: tuple[str, ...], period: Period, zone: str) -> list[Row]:
    """By purpose, reason, version and source: how many, and from which batches; most first.

    Active at the end of a period is what began before the local midnight that ends it and had not ended by then, as the
    mart counts it; a period that goes on ends at as_of.
    """
    return rows(
        ref,
        f"""
        select
            purpose_code,
            case
                when policy_version is null and notice_id is null then 'nothing_recorded'
                when policy_version is null then 'no_version'
                when notice_id is null then 'no_notice'
                when policy_version in (select v.policy_version from marts.fct_policy_versions v) then 'not_in_force'
                else 'unknown_version'
            end as reason,
            policy_version, source, count(*) as consents,
            min(batch_id) as first_batch, count(distinct batch_id) as batches
        from marts.fct_consents
        where state = 'active' and not provable
            and {any_of("purposes", "purpose_code")}
            and ($end::date is null or valid_from < timezone($zone, $end::date::timestamp))
            and (valid_to is null or valid_to >= timezone($zone, $end::date::timestamp))
        group by all
        order by consents desc, purpose_code, reason, policy_version, source
        """,
        {"purposes": list(purposes), "end": period.end, "zone": zone},
    )
