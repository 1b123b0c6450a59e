"""The scorecard of a terminal: a headline for whatever log there is, and no number without what it is out of."""

from __future__ import annotations

from typing import Any

from promisekept.cli.scorecard import earlier_text, scorecard_text

CARD: dict[str, Any] = {
    "snapshot": "0001-abcdef",
    "as_of": "2026-10-01T00:00:00Z",
    "known_at": "2026-10-01T06:00:00Z",
    "further": None,
    "time_zone": "Europe/Dublin",
    "organisation": "Example Ltd",
    "promises": {"met": 1},
    "metrics": {},
    "requests": {},
}


def rate(numerator: int, denominator: int, worst: float) -> dict[str, float | None]:
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": numerator / denominator if denominator else None,
        "value_worst": worst,
    }


def test_a_project_of_disclosures_alone_has_a_headline_of_its_own():
    text = scorecard_text(CARD | {"metrics": {"within_policy_rate": rate(90, 100, 0.88), "deadline_adherence": rate(0, 0, 0)}})
    assert "Shared within the policy    90.0% · 90 of 100 disclosures · worst case 88.0%" in text
    assert "requests received" not in text
    assert "Answered on time" not in text


def test_where_sources_declare_due_dates_the_headline_is_that_of_declared_dates():
    metrics = {"deadline_adherence": rate(0, 0, 0), "declared_adherence": rate(7, 8, 0.75)}
    text = scorecard_text(CARD | {"metrics": metrics, "requests": {"closed_on_time": 7, "closed_late": 1}})
    assert "Answered by declared date   87.5% · 7 of 8 that fell due by it · worst case 75.0%" in text
    assert "8 requests received = 7 closed on time + 1 closed late" in text


def test_a_snapshot_of_an_earlier_day_names_the_one_that_holds_more_and_the_way_back():
    further = {"snapshot": "0001-abcdef", "as_of": "2026-11-02T00:00:00Z", "known_at": "2026-11-02T06:00:00Z"}
    assert earlier_text(CARD) == []
    assert earlier_text(CARD | {"snapshot": "0002-fedcba", "further": further}) == [
        "This snapshot is as of 1 Oct 2026 with what had landed by 1 Oct 2026, 07:00 IST;",
        "0001-abcdef, published before it, is as of 2 Nov 2026 with what had landed by 2 Nov 2026, 06:00 GMT.",
        "  To publish what is left out:  promisekept run --as-of 2026-11-02T00:00:00+00:00",
    ]
