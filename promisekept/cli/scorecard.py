"""The scorecard of the current snapshot: promises kept, missed and not assessable, each counted once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from promisekept.presentation import formats
from promisekept.presentation.labels import STRICT, WORST
from promisekept.presentation.statuses import KEPT, REQUESTS, VERDICTS
from promisekept.publishing.reader import open_current, reached_further

_ORDER = (*KEPT, *(code for code in VERDICTS if code not in KEPT))
_RATES = {
    "deadline_adherence": ("Answered on time", "that fell due"),
    "deadline_adherence_strict": (f"  {STRICT}", "that fell due by it"),
    "declared_adherence": ("Answered by declared date", "that fell due by it"),
    "max_achievable_adherence": ("Maximum achievable", "received with a deadline"),
    "acknowledgement_adherence": ("Acknowledged on time", "to be acknowledged by now"),
    "consent_provable_rate": ("Consents proven", "active consents"),
    "within_policy_rate": ("Shared within the policy", "disclosures"),
    "deletion_timeliness": ("Deleted on time", "records that were deleted"),
    "notice_at_collection_rate": ("Notified at collection", "collections"),
    "purpose_limitation_rate": ("For a declared purpose", "collections and processing operations"),
    "authority_notification_adherence": ("Authority notified in time", "incidents that had to be notified by now"),
    "policy_change_notice_coverage": ("Notified of policy changes", "persons to be notified"),
}
"""By metric how it is called, and of what it is a share: those of each log, so that a project of any log has a headline."""


def scorecard(home: Path) -> dict[str, Any]:
    """Counts per status and the headline rates of the current snapshot, to date.

    Raises:
        PublishingError: nothing has been published yet.
    """
    with open_current(home) as snapshot:
        cursor = snapshot.cursor()
        statuses = dict(
            cursor.execute(
                "select status, count(*) from marts.fct_control_status where period_grain = 'to_date' group by status"
            ).fetchall()
        )
        rates = cursor.execute(
            "select metric_code, numerator, denominator, value, value_worst from marts.fct_metrics"
            " where period_grain = 'to_date' and dimension = 'all' and list_contains(?, metric_code)",
            [list(_RATES)],
        ).fetchall()
        waterfall = cursor.execute("select status, count(*) from marts.fct_requests group by status order by status").fetchall()
        further = reached_further(home, snapshot.manifest)
        return {
            "snapshot": snapshot.id,
            "as_of": snapshot.manifest["as_of"],
            "known_at": snapshot.manifest["known_at"],
            "further": further and {"snapshot": further["id"], "as_of": further["as_of"], "known_at": further["known_at"]},
            "time_zone": snapshot.manifest["time_zone"],
            "organisation": snapshot.manifest["organisation"],
            "promises": {status: statuses.get(status, 0) for status in _ORDER},
            "metrics": {
                code: {"numerator": numerator, "denominator": denominator, "value": value, "value_worst": worst}
                for code, numerator, denominator, value, worst in rates
            },
            "requests": dict(waterfall),
        }


def scorecard_text(card: dict[str, Any]) -> str:
    """The scorecard for a terminal; no number without its denominator."""
    promises, total = card["promises"], sum(card["promises"].values())
    as_of = formats.instant(datetime.fromisoformat(card["as_of"]), card["time_zone"])
    lines = [f"{card['organisation']} · as of {as_of}", ""]
    lines += [f"  {count:>4} of {total}  {VERDICTS[status].cell}" for status, count in promises.items() if count]
    lines.append("")
    for code, (label, population) in _RATES.items():
        metric = card["metrics"].get(code)
        if metric and metric["value"] is not None and metric["denominator"]:
            share = f"{formats.rate(metric['value'])} · {formats.out_of(metric['numerator'], metric['denominator'])} {population}"
            worst = f" · {WORST.lower()} {formats.rate(metric['value_worst'])}" if metric["value_worst"] is not None else ""
            lines.append(f"  {label:<28}{share}{worst}")
    if received := sum(card["requests"].values()):
        parts = " + ".join(f"{count:,} {REQUESTS[status].text.lower()}" for status, count in card["requests"].items())
        lines += ["", f"  {received:,} requests received = {parts}"]
    return "\n".join(lines)


def earlier_text(card: Mapping[str, Any]) -> list[str]:
    """Lines where the snapshot leaves out what one published before it holds; none where it does not."""
    further = card["further"]
    if further is None:
        return []
    zone, as_of = card["time_zone"], datetime.fromisoformat(further["as_of"])
    return [
        f"This snapshot is {formats.instants(card, zone)};",
        f"{further['snapshot']}, published before it, is {formats.instants(further, zone)}.",
        f"  To publish what is left out:  promisekept run --as-of {as_of.isoformat()}",
    ]
