"""Dimensions of one's own in promisekept.yml: a department of requests, a product line of record sets.

Here: which there may be, by which column a source delivers each, and the one text that models, ledger and bundles carry them
in. Not here: how a value is checked (sources/landing/validation.py), or by which dimensions every figure is counted
(policy/dimensions.py).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from promisekept.frozen import Frozen
from promisekept.sources.contract import contract

LOGS = {"requests": "requests", "records": "retention"}
"""What has dimensions of one's own, and the log that it is read from."""
KINDS = {log: kind for kind, log in LOGS.items()}
MOST = 8
"""Each dimension repeats every figure once per value and period."""
_TAKEN = (
    "all", "jurisdiction", "regime_code", "right_type", "channel", "purpose_code", "recipient_id", "data_category", "system",
    "source", "collection_type", "feature", "incident_type", "contract", "severity", "expiry", "log", "own", "month", "quarter",
    "year", "dimensions",
)  # fmt: skip
"""What every project's figures are counted by; tests/config/test_own_dimensions.py holds it against the catalogue."""

DimensionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class Dimension(Frozen):
    """One dimension: what people read, and the column that delivers its values."""

    title: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^;=\r\n]*$")]
    column: DimensionName = ""


class OwnDimensions(Frozen):
    """The dimensions of requests and of record sets, by name."""

    requests: dict[DimensionName, Dimension] = Field(default_factory=dict)
    records: dict[DimensionName, Dimension] = Field(default_factory=dict)

    @field_validator("requests", "records")
    @classmethod
    def _columns_default_to_names(cls, declared: dict[str, Dimension]) -> dict[str, Dimension]:
        if len(declared) > MOST:
            message = f"{len(declared)} dimensions; there may be {MOST}, because each repeats every figure by its values"
            raise ValueError(message)
        for name in declared:
            if name in _TAKEN:
                message = f"`{name}` is what figures are counted by in every project; choose another name"
                raise ValueError(message)
        return {name: one.model_copy(update={"column": one.column or name}) for name, one in declared.items()}

    @model_validator(mode="after")
    def _are_columns_of_their_own(self) -> OwnDimensions:
        for kind, log in LOGS.items():
            declared = self._of(kind)
            columns = [one.column for one in declared.values()]
            for name, one in declared.items():
                if one.column in (*contract()[log].names, *contract()[log].content):
                    message = f"{kind}.{name}: `{one.column}` is a column of the contract of `{log}`; name one of your own"
                    raise ValueError(message)
                if columns.count(one.column) > 1:
                    message = f"{kind}.{name}: another dimension has the column `{one.column}` too; give each one of its own"
                    raise ValueError(message)
        for name in self.requests.keys() & self.records.keys():
            if self.requests[name].title != self.records[name].title:
                message = f"`{name}` has two titles; one dimension of requests and records has one"
                raise ValueError(message)
        return self

    def columns(self, log: str) -> tuple[tuple[str, str], ...]:
        """The dimensions of a log with the columns that deliver them, in order of name."""
        declared = self._of(KINDS[log]) if log in KINDS else {}
        return tuple((name, declared[name].column) for name in sorted(declared))

    @property
    def text(self) -> str:
        """All as models read them: `requests.department=Department;records.product_line=Product line`."""
        return ";".join(f"{kind}.{name}={self._of(kind)[name].title}" for kind in LOGS for name in sorted(self._of(kind)))

    def _of(self, kind: str) -> dict[str, Dimension]:
        return self.requests if kind == "requests" else self.records

    @classmethod
    def of_text(cls, text: str) -> OwnDimensions:
        """Those of such a text; the columns that delivered them are not in it."""
        found: dict[str, dict[str, Dimension]] = {kind: {} for kind in LOGS}
        for entry in filter(None, text.split(";")):
            place, _, title = entry.partition("=")
            kind, _, name = place.partition(".")
            found[kind][name] = Dimension(title=title)
        return cls(requests=found["requests"], records=found["records"])
