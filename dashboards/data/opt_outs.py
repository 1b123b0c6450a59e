"""Who was given data after a person had stopped it: the number that the overview asks to act on.

Here: `disclosure_after_stop` with its recipients. Not here: the disclosures themselves.
"""

from __future__ import annotations

from dashboards.data.query import Row, cached, first
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period


@cached
def after_stop(ref: Ref, period: Period) -> Row:
    """Of a period: `after`, out of `disclosures`, and the `recipients` concerned; nothing where none were looked at."""
    return first(
        ref,
        """
        select
            max(value) filter (dimension = 'all')::bigint as after,
            max(units) filter (dimension = 'all') as disclosures,
            list(dimension_value order by value desc, dimension_value) filter (dimension = 'recipient_id' and value > 0)
                as recipients
        from marts.fct_metrics
        where metric_code = 'disclosure_after_stop' and dimension in ('all', 'recipient_id')
            and period_grain = $grain and period_start is not distinct from $start::date and units > 0
        """,
        {"grain": period.grain, "start": period.start},
    )
