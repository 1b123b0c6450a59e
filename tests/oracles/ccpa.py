"""The yearly table of a business in California, counted row by row from its register of requests.

Here: 11 CCR 7102(a)(1) and the grounds of 7102(a)(2), over rows of one register, one line per right. Not here: how a request
came to its answer; nothing is shared with the SQL.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from statistics import fmean, median
from typing import Any

TYPES = {
    "erasure": "request_to_delete",
    "rectification": "request_to_correct",
    "access": "request_to_know",
    "portability": "request_to_know",
    "know_sold_shared": "request_to_know_sold_or_shared",
    "opt_out_sale_share": "request_to_opt_out_of_sale_sharing",
    "limit_sensitive": "request_to_limit",
}
GROUNDS = (
    "identity_not_verified", "exempt", "manifestly_unfounded", "excessive", "no_data", "third_party_rights", "legal_obligation",
)  # fmt: skip
DISPOSITION = {"fulfilled": "complied_in_whole", "partially_fulfilled": "complied_in_part", "denied": "denied"}
WAYS = (*DISPOSITION.values(), "unanswered", "withdrawn", "not_counted")


def table(register: list[dict[str, Any]], last_year: int) -> dict[tuple[int, str], dict[str, Any]]:
    """One row per year and request type.

    Args:
        register: rows with jurisdiction, namespace, request_id, right_type, received_date, closed_date, outcome,
            outcome_reason and exclusion_reason; dates as ISO text.
        last_year: of the day on which one looks.
    """
    letters: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in register:
        if row["jurisdiction"] == "US-CA" and row["right_type"] in TYPES:
            letters[row["namespace"], row["request_id"], TYPES[row["right_type"]]].append(row)
    filed: dict[tuple[int, str], list[tuple[str, int | None, str | None]]] = defaultdict(list)
    for (_, _, request_type), rows in letters.items():
        counted = [row for row in rows if row["exclusion_reason"] is None]
        year = int(min(row["received_date"] for row in counted or rows)[:4])
        filed[year, request_type].append(_disposition(rows, counted))
    if not filed:
        return {}
    years = range(min(year for year, _ in filed), max(last_year, *(year for year, _ in filed)) + 1)
    return {(year, kind): _row(filed[year, kind]) for year in years for kind in dict.fromkeys(TYPES.values())}


def _disposition(rows: list[dict[str, Any]], counted: list[dict[str, Any]]) -> tuple[str, int | None, str | None]:
    if not counted:
        return ("withdrawn" if any(row["exclusion_reason"] == "withdrawn" for row in rows) else "not_counted"), None, None
    if any(row["outcome"] is None for row in counted):
        return "unanswered", None, None
    answers = {DISPOSITION[row["outcome"]] for row in counted}
    way = answers.pop() if len(answers) == 1 else "complied_in_part"
    first = date.fromisoformat(min(row["received_date"] for row in counted))
    last = date.fromisoformat(max(row["closed_date"] for row in counted))
    refused = sorted(
        (row["closed_date"], row["right_type"], row["outcome_reason"]) for row in counted if row["outcome"] != "fulfilled"
    )
    return way, (last - first).days, refused[0][2] if refused else None


def _row(filed: list[tuple[str, int | None, str | None]]) -> dict[str, Any]:
    ways = Counter(way for way, _, _ in filed)
    days = [count for _, count, _ in filed if count is not None]
    refused = [ground for way, _, ground in filed if way in ("denied", "complied_in_part")]
    return {
        "received": len(filed),
        **{way: ways[way] for way in WAYS},
        "median_days": median(days) if days else None,
        "mean_days": fmean(days) if days else None,
        "denied_in_whole_or_part": len(refused),
        **{f"denied_{ground}": refused.count(ground) for ground in GROUNDS},
        "denied_on_other_grounds": sum(ground not in GROUNDS for ground in refused),
    }
