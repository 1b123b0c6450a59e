"""The thresholds that a pack may set in pack.yml: what each decides, its default and how it is written.

Here: one row per threshold, and reading one from text. Not here: pack.yml itself (manifest.py) or what depends on a
threshold (the models read `pack.settings`, the publish gate asks for it by name). A new threshold is one row here, one
line of docs/write-a-pack.md and the model that reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from promisekept.policy.values import READERS, Unreadable, read_period

Value = float | int | str


@dataclass(frozen=True)
class Threshold:
    """One threshold.

    Attributes:
        default: what holds where pack.yml does not set it.
        form: a share of 1, a whole number, or an ISO 8601 period in whole days.
        log: whose facts depend on it; None where no figure depends on it.
    """

    default: Value
    form: Literal["share", "number", "period"]
    log: str | None = None

    @property
    def remedy(self) -> str:
        """How to write one, with the default."""
        how = {"share": "Write a quarter as 0.25", "number": "Write a whole number", "period": "Write P1Y, P18M or P90D"}
        return f"{how[self.form]}; {self.default} where the key is absent."

    def read(self, text: str) -> Value:
        """The value that a text stands for.

        Raises:
            Unreadable: it is none of this form.
        """
        if self.form == "period":
            read_period(text)
            return text
        if self.form == "number":
            return int(str(READERS["integer"](text)))
        share = float(str(READERS["number"](text)))
        if not 0 <= share <= 1:
            raise Unreadable(f"`{text}` is no share between 0 and 1")
        return share


THRESHOLDS: Mapping[str, Threshold] = MappingProxyType(
    {
        # The share of requests that may leave the clock before a review has to explain it, and of those without any rule
        # before a warning stands beside the figures.
        "ways_out_ceiling": Threshold(0.25, "share"),
        "no_rule_ceiling": Threshold(0.01, "share"),
        # A clock that stands still for longer has left it.
        "long_pause_days": Threshold(60, "number", "requests"),
        "late_record_days": Threshold(14, "number", "requests"),
        "forwarding_working_days": Threshold(5, "number", "requests"),
        # How many persons an incident may concern before an assessment of no risk is doubted.
        "no_risk_persons": Threshold(500, "number", "incidents"),
        # Within what period a legal hold has to be placed again.
        "hold_review": Threshold("P1Y", "period", "retention"),
        # On how many days in a row a record set may be active before a job is suspected.
        "activity_run_days": Threshold(60, "number", "retention"),
        # For how many days findings of a severity may be accepted at most.
        "acceptance_days_high": Threshold(90, "number", "remediations"),
        "acceptance_days_medium": Threshold(180, "number", "remediations"),
        "acceptance_days_low": Threshold(365, "number", "remediations"),
    }
)


def read_thresholds(settings: Mapping[str, object]) -> dict[str, Value]:
    """The thresholds in a kept pack's settings; the default where it was kept before there was one."""
    return {name: settings.get(name, threshold.default) for name, threshold in THRESHOLDS.items()}  # type: ignore[misc]
