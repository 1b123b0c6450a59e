"""A ratio that got worse since it was last recorded is named; noise is not."""

from __future__ import annotations

from benchmarks.history import append, worsened


def test_a_ratio_is_compared_with_the_highest_recent_one_of_as_many_events(tmp_path):
    history = tmp_path / "history.csv"
    for day in (0.9, 0.2, 0.4, 0.3):
        append(1_000, {"day": day, "full build": 2.0}, history)
    append(9_000, {"day": 0.1, "full build": 1.0}, history)
    assert worsened(1_000, {"day": 0.42, "full build": 2.1, "new": 9.0}, history) == []
    assert worsened(1_000, {"day": 0.5, "full build": 1.0}, history) == ["day: 0.500, 0.400 before"]
    assert worsened(1_000, {"day": 0.5}, history, margin=1.3) == []
    assert worsened(5_000, {"day": 9.0}, history) == []
