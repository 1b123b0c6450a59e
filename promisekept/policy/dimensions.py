"""By what a figure can be sliced, and which values a control may name there.

Here: the dimensions of all metrics, with the closed list or the register that their values come from. Not here: which metric has
which dimension (catalogue.py), or whether a control names one that there is (coverage.py).
"""

from __future__ import annotations

from promisekept.sources.contract import contract

DIMENSIONS = (
    "all",
    "jurisdiction",
    "regime_code",
    "right_type",
    "channel",
    "purpose_code",
    "recipient_id",
    "data_category",
    "system",
    "source",
    "collection_type",
    "feature",
    "incident_type",
    "contract",
    "severity",
    "expiry",
)


def _codes(log: str, column: str) -> tuple[str, ...]:
    """The closed codes that the log contract lists; a pack slices by them."""
    return contract()[log].column(column).codes


# The values that a control may name for each dimension of a metric: a closed list, or the codes of a register.
DIMENSION_VALUES: dict[str, tuple[str, ...]] = {
    "all": ("all",),
    "right_type": _codes("requests", "right_type"),
    "channel": _codes("requests", "channel"),
    "collection_type": _codes("collections", "collection_type"),
    "incident_type": _codes("incidents", "incident_type"),
    "contract": ("with_terms", "without_terms"),
    "severity": ("high", "medium", "low"),
    "expiry": ("within_30_days", "within_90_days", "later"),
}
DIMENSION_REGISTERS = {
    "regime_code": "regimes",
    "purpose_code": "purposes",
    "recipient_id": "recipients",
    "data_category": "data_categories",
    "system": "systems",
}
