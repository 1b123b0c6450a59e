"""What the API answers with: the forms, as /openapi.json describes them.

Here: the fields of each answer. Not here: from where they are read (app.py).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")


class PublishedSnapshot(BaseModel):
    """A published snapshot."""

    id: str
    as_of: datetime = Field(description="Event time up to which events count.")
    published_at: datetime
    time_zone: str = Field(description="Of the organisation: its local dates are those of every period.")
    is_current: bool


class Page(BaseModel, Generic[Item]):
    """Part of a list; `next` is the address of what follows, in the same snapshot."""

    snapshot: str = Field(description="From which everything in this answer is.")
    data: list[Item]
    next: str | None = None


class Metric(BaseModel):
    """What a metric counts, out of what, and by which dimensions."""

    metric_code: str
    name: str
    description: str
    unit: str
    statistic: str
    period_by: str
    dimensions: list[str]
    counted: str | None = Field(description="The numerator in words.")
    out_of: str | None = Field(description="The denominator in words.")
    numerator_sql: str | None = Field(description="The numerator over rows of the mart; null where no sum over rows yields it.")
    denominator_sql: str | None


class Figure(BaseModel):
    """A published figure. For `public` callers a suppressed one has no numbers."""

    metric_code: str
    metric: str
    period_grain: str
    period_start: date | None
    period_end: date | None = Field(description="The first day that is not part of it.")
    dimension: str
    dimension_value: str
    numerator: float | None
    denominator: float | None
    value: float | None = Field(description="Null where the denominator is 0.")
    value_worst: float | None = Field(description="The worst case: missing evidence counts as missed.")
    unit: str
    rule_confidence: str | None
    quality_verdict: str
    is_suppressed: bool = False


class Verdict(BaseModel):
    """A promise in a period: whether it was kept, and by which figure that was decided."""

    clause_id: str
    section: str
    promise: str
    source: str = Field(description="policy, law or good_practice.")
    assessed_by: str
    status: str
    reason: str | None
    control_id: str | None
    metric_code: str | None
    dimension: str | None
    dimension_value: str | None
    operator: str | None
    target: float | None
    numerator: float | None
    denominator: float | None
    value: float | None
    value_strict: float | None
    value_worst: float | None
    unit: str | None
    breaches: int | None
    findings: int | None = Field(description="Findings against it in the period.")
    severity: str | None = Field(description="Of the gravest of them; for roles that may see rows.")


class Finding(BaseModel):
    """One thing that is wrong."""

    finding_key: str = Field(description="The same in every snapshot for the same cause.")
    finding_code: str
    word: str
    severity: str
    control_id: str | None
    subject_key: str | None = Field(description="A pseudonym.")
    entity: str
    occurred_at: datetime | None
    first_seen_at: datetime | None
    detail: str | None = Field(description="JSON of codes, numbers and dates.")
    source: str | None
    event_id: str | None
    batch_id: str | None
    row_number: int | None
    group_key: str
