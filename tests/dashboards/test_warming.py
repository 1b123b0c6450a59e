"""What readers asked of one snapshot is answered from the next one before they ask."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from small_snapshots import AT, publish

from dashboards import warming
from dashboards.data.query import cached, first
from dashboards.data.request_filters import SnapshotDate
from dashboards.snapshots import Ref, Snapshot, resolve

answered: list[tuple[Any, ...]] = []


@cached
def figure(ref: Ref, day: date, moment: SnapshotDate, code: str) -> Any:
    """The value of a metric."""
    answered.append((ref, day, moment, code))
    return first(ref, "select value from marts.fct_metrics where metric_code = $code", {"code": code})["value"]


@cached
def fails(ref: Ref, values: list[str], *, named: str = "") -> None:
    """A question that can't be compared, and fails."""
    answered.append((ref, *values, named))
    if named:
        raise ValueError(named)


@pytest.fixture(autouse=True)
def _nothing_asked() -> Iterator[None]:
    answered.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def before(tmp_path: Path) -> Snapshot:
    """A snapshot of which figures were asked."""
    publish(tmp_path / "home", numerator=9)
    snapshot = resolve(tmp_path / "home", None)
    moment = SnapshotDate(snapshot.as_of, snapshot.zone)
    assert figure(snapshot.ref, date(2026, 3, 2), moment, "deadline_adherence") == 0.9
    figure(snapshot.ref, date(2026, 1, 1), moment, "deadline_adherence")
    with pytest.raises(ValueError, match="wrong"):
        fails(snapshot.ref, (), named="wrong")
    fails(snapshot.ref, ["a list"])
    answered.clear()
    return snapshot


def test_the_next_snapshot_has_answered_when_somebody_asks(before: Snapshot):
    home = Path(before.ref.home)
    publish(home, numerator=8, provenance={"as_of": AT + timedelta(days=1)})
    now = resolve(home, None)
    assert warming.ask_again(before, now) == 3
    moment = SnapshotDate(now.as_of, now.zone)
    asked = [(now.ref, date(2026, 3, 3), moment, "deadline_adherence"), (now.ref, date(2026, 1, 1), moment, "deadline_adherence")]
    assert answered == [*asked, (now.ref, "wrong")], "the day of the snapshot goes on, any other day stays"
    assert [figure(*one) for one in asked] == [0.8, 0.8]
    assert len(answered) == 3, "nothing was computed twice"
    assert warming.ask_again(before, now) == 3
    assert answered[3:] == [(now.ref, "wrong")], "an error is no answer"


def test_a_snapshot_that_nobody_read_hands_the_questions_on(before: Snapshot):
    """Runs publish through the night, and readers come in the morning."""
    home = Path(before.ref.home)
    publish(home, numerator=8, provenance={"as_of": AT + timedelta(days=1)})
    unread = resolve(home, None)
    warming.ask_again(before, unread)
    publish(home, numerator=7, provenance={"as_of": AT + timedelta(days=2)})
    now = resolve(home, None)
    answered.clear()
    assert warming.ask_again(unread, now) == 2
    moment = SnapshotDate(now.as_of, now.zone)
    assert figure(now.ref, date(2026, 3, 4), moment, "deadline_adherence") == 0.7
    assert len(answered) == 2


def test_a_watched_home_is_asked_as_soon_as_it_publishes(before: Snapshot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(warming, "EVERY", 0.02)
    home = Path(before.ref.home)
    with warming.watching(home):
        time.sleep(0.2)
        assert answered == []
        after = publish(home, numerator=8, provenance={"as_of": AT + timedelta(days=1)})
        for _ in range(500):
            if len(answered) == 3:
                break
            time.sleep(0.02)
    assert {one[0] for one in answered} == {Ref(str(home), after.id)}
