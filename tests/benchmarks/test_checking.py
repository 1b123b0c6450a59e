"""What a busy machine adds to one measurement is no cost of the commit, and what every measurement shows is one."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.builds import AGAIN, Costs, checked
from benchmarks.measure import Cost

EVENTS = 1_000_000


def _costs(**processor: float) -> Costs:
    seconds = {"first": 26.0, "later": 8.0, "lean": 12.4, "full": 51.7, "day": 13.5, "idle": 1.4} | processor
    return Costs(**{name: Cost(each, each, memory=1) for name, each in seconds.items()})


def test_a_ratio_that_is_not_worse_is_measured_once():
    costs, worse = checked(_costs(), EVENTS, 1.3, again=lambda: 1 / 0)
    assert (costs, worse) == (_costs(), [])


def test_a_busy_machine_is_measured_again():
    busy = _costs(first=48.7, later=11.5, lean=15.6, full=70.6, day=22.9, idle=2.1)
    assert busy.ratios(lambda cost: cost.processor)["(day - overhead) / (full build - overhead)"][0] > 0.5
    costs, worse = checked(busy, EVENTS, 1.3, again=_costs)
    assert (costs, worse) == (_costs(), [])


def test_a_day_that_costs_more_each_time_is_named(capsys):
    measured = iter([30.0, 29.0, 28.0])
    costs, worse = checked(_costs(day=next(measured)), EVENTS, 1.3, again=lambda: _costs(day=next(measured)))
    assert not list(measured)
    assert costs == _costs(day=28.0)
    assert [line.partition(":")[0] for line in worse] == ["(day - overhead) / (full build - overhead)"]
    assert capsys.readouterr().out.count("measured again") == AGAIN


def test_what_was_not_measured_stays_so():
    with_a_tenth = replace(_costs(), tenth=Cost(1, 1, 1))
    assert with_a_tenth.least(with_a_tenth) == with_a_tenth
    assert with_a_tenth.least(with_a_tenth).tenth_day is None
