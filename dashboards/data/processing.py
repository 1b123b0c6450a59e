"""Processing operations by purpose: declared or not, on which basis, with consent, after a stop, decided by a machine.

Here: questions to `fct_processing`. Not here: the figures of a period (`fct_metrics`), collections (collections.py).
"""

from __future__ import annotations

from dashboards.data.filters import bounds, within
from dashboards.data.query import Row, cached, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period

_WITHIN = within("occurred_date")
_AT_RISK = "ok_not_stopped is not null and list_has_any(stops_in_force, ['erasure', 'objection', 'restriction'])"
"""An operation while a stop of the person was in force, whatever it covers."""
_WHILE_PENDING = "requests_pending <> [] and (legal_basis <> 'unknown' or pending_right_types = [])"
"""An operation while an objection or restriction of the person waited for its answer, whatever it covers."""


@cached
def by_purpose(ref: Ref, period: Period) -> list[Row]:
    """Every purpose that was processed for in a period, with its operations and how many break which promise; worst first."""
    return rows(
        ref,
        f"""
        select purpose_code, count(*) as operations,
            count(*) filter (not ok_purpose) as undeclared, count(*) filter (ok_purpose is null) as purpose_unknown,
            count(*) filter (not ok_basis) as other_basis,
            count(*) filter (ok_basis is not null) as consent_required,
            count(*) filter (not ok_consent) as without_consent, count(*) filter (ok_consent is not null) as on_consent,
            count(*) filter (not ok_not_stopped) as after_stop, count(*) filter ({_AT_RISK}) as stoppable,
            count(*) filter ({_WHILE_PENDING}) as while_pending,
            count(*) filter (automated_decision) as decisions,
            count(*) filter (not ok_no_automated_decision) as decisions_after,
            count(*) filter (not ok_categories) as unlisted
        from marts.fct_processing where {_WITHIN}
        group by purpose_code
        order by undeclared + other_basis + without_consent + after_stop + decisions_after + unlisted desc, operations desc,
            purpose_code
        """,
        bounds(period),
    )


@cached
def bases(ref: Ref, period: Period) -> list[Row]:
    """Operations by purpose and legal basis."""
    return rows(
        ref,
        f"""
        select purpose_code, legal_basis, count(*) as operations from marts.fct_processing where {_WITHIN}
        group by all order by purpose_code, operations desc, legal_basis
        """,
        bounds(period),
    )
