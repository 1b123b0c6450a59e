"""What a publication restates, on figures that are invented, beside a second opinion that keeps a plain dictionary."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pytest
from small_snapshots import AT, a_candidate, a_verdict, publish, publish_candidate, roll_back

from promisekept.config.settings import SnapshotRetention
from promisekept.errors import PublishingError
from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_current
from promisekept.publishing.store import SnapshotStore
from promisekept.retention.snapshots import purge_snapshots

MONTHS = [date(2026, number, 1) for number in range(1, 7)]
DIM = """
    select unnest(['one', 'two']) as metric_code, ['requests'] as logs, [] as registers, 'received_date' as period_by,
        false as is_state
"""


def metrics(figures):
    """`fct_metrics` of {(metric, month, value of the dimension): numerator}, and a total to date that is never closed."""
    rows = [
        f"('{code}', 'month', date '{start}', (date '{start}' + interval 1 month)::date, 'source', '{source}', {number}::double)"
        for (code, start, source), number in figures.items()
    ]
    rows.append(f"('one', 'to_date', null, null, 'all', 'all', {len(rows)}::double)")
    columns = "metric_code, period_grain, period_start, period_end, dimension, dimension_value, numerator"
    return (
        f"select *, null::double as denominator, numerator as value, numerator as value_worst"
        f" from (values {', '.join(rows)}) as rows ({columns})"
    )


def history(home, table="fct_restatements"):
    with open_current(home) as snapshot:
        cursor = snapshot.cursor().execute(
            f"select * from history.{table} order by sequence, metric_code, period_start, dimension_value"
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_the_first_snapshot_has_figures_as_published_and_no_restatement(tmp_path):
    snapshot = publish(tmp_path)
    assert history(tmp_path) == []
    (row,) = history(tmp_path, "figures_as_published")
    assert (row["snapshot"], row["numerator"], row["value"], row["is_restated"], row["until_sequence"]) == (
        snapshot.id,
        9,
        0.9,
        False,
        None,
    )


def test_other_code_is_the_cause_where_nothing_else_differs(tmp_path):
    first, second = publish(tmp_path), publish(tmp_path, numerator=8)
    (row,) = history(tmp_path)
    assert (row["snapshot"], row["compared_with"], row["change"]) == (second.id, first.id, "changed")
    assert (row["old_numerator"], row["new_numerator"], row["old_value"], row["new_value"]) == (9, 8, 0.9, 0.8)
    assert (row["causes"], row["batches"], row["versions"]) == (["code"], [], ["code 0.1.0+9 -> 0.1.0+8"])
    assert second.restatements == 1


def test_a_metric_that_this_version_is_the_first_to_measure_is_new_by_code(tmp_path):
    publish(tmp_path, fct_metrics=metrics({("one", MONTHS[0], "a"): 1}))
    both = {("one", MONTHS[0], "a"): 1, ("two", MONTHS[0], "a"): 5}
    publish(tmp_path, provenance={"code_version": "0.1.1"}, fct_metrics=metrics(both))
    (row,) = history(tmp_path)
    assert (row["metric_code"], row["change"], row["old_value"], row["new_value"], row["causes"]) == (
        "two",
        "new",
        None,
        5,
        ["code"],
    )


def test_a_figure_that_changes_though_nothing_did_is_not_published(tmp_path):
    good = publish(tmp_path)
    candidate = a_candidate(tmp_path, {"code_version": "0.1.0+9"}, numerator=8)
    with pytest.raises(PublishingError, match=r"deadline_adherence .* 2026-01-01 .* nothing that it is made of differs"):
        publish_candidate(tmp_path, candidate, a_verdict(candidate), AT)
    with open_current(tmp_path) as snapshot:
        assert snapshot.id == good.id
    assert publish(tmp_path, numerator=8).sequence == 2
    assert fsck(tmp_path) == []


def test_what_stands_at_a_periods_end_does_not_change_because_time_goes_by(tmp_path):
    """Such a figure would be computed from events after its period: the build is wrong, and raises."""
    dim_metrics = DIM.replace("false as is_state", "metric_code = 'two' as is_state")
    for code in ("one", "two"):
        home = tmp_path / code
        publish(home, fct_metrics=metrics({(code, MONTHS[0], "a"): 1}), dim_metrics=dim_metrics)
        later = {"as_of": AT + timedelta(days=1)}
        if code == "one":
            publish(home, provenance=later, fct_metrics=metrics({(code, MONTHS[0], "a"): 2}), dim_metrics=dim_metrics)
            assert [row["causes"] for row in history(home)] == [["later_event"]]
        else:
            with pytest.raises(PublishingError, match="nothing that it is made of differs"):
                publish(home, provenance=later, fct_metrics=metrics({(code, MONTHS[0], "a"): 2}), dim_metrics=dim_metrics)


@pytest.mark.slow
def test_random_publications_agree_with_a_second_opinion(tmp_path):
    """Look backs and rollbacks included: each closed figure against the last publication that showed its period closed."""
    chance, ledger_of_figures, expected, seen = Random(7), {}, [], set()
    published = []  # (as_of, closed figures) of every publication
    for number in range(40):
        if number and chance.random() < 0.15:
            restored = chance.randrange(len(published))
            as_of, closed = published[restored]
            roll_back(tmp_path, SnapshotStore(tmp_path).list()[::-1][restored].id, AT)
        else:
            as_of = datetime(2026, chance.randint(1, 7), chance.randint(1, 28), 12, tzinfo=AT.tzinfo)
            figures = {
                (code, start, source): chance.randint(1, 2)
                for code in ("one", "two")
                for start in MONTHS
                for source in ("a", "b")
                if chance.random() < 0.9
            }
            ends = {start: (start + timedelta(days=31)).replace(day=1) for start in MONTHS}
            closed = {key: figure for key, figure in figures.items() if ends[key[1]] <= as_of.date()}
            provenance = {"as_of": as_of, "code_version": f"0.{number}"}
            publish(tmp_path, provenance=provenance, fct_metrics=metrics(figures))
        for code, start, source in {*closed, *ledger_of_figures}:
            key, end = (code, start, source), (start + timedelta(days=31)).replace(day=1)
            if end > as_of.date():
                continue
            shown = [position for position, (earlier, _) in enumerate(published) if end <= earlier.date()]
            old, new = ledger_of_figures.get(key), closed.get(key)
            if shown and old != new:
                expected.append((number + 1, shown[-1] + 1, *key, old, new))
                seen.add("gone" if new is None else "new" if old is None else "changed")
                seen.add("after a look back" if shown[-1] < number - 1 else "after the last")
            ledger_of_figures.pop(key, None)
            if new is not None:
                ledger_of_figures[key] = new
        published.append((as_of, closed))
    names = ("metric_code", "period_start", "dimension_value", "old_value", "new_value")
    rows = history(tmp_path)
    found = [(row["sequence"], int(row["compared_with"][:4]), *(row[name] for name in names)) for row in rows]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert seen == {"gone", "new", "changed", "after a look back", "after the last"}


def test_retired_snapshots_leave_their_history_behind(tmp_path):
    for day in range(6):
        publish(tmp_path, at=AT + timedelta(days=day), provenance={"as_of": AT + timedelta(days=day)}, numerator=9 - day)
    before = history(tmp_path)
    retired = purge_snapshots(tmp_path, SnapshotRetention(daily=1, period_close="P1D"), AT + timedelta(days=400))
    assert len(retired) == 5
    publish(tmp_path, at=AT + timedelta(days=9), numerator=1)
    assert history(tmp_path)[: len(before)] == before
    assert len(history(tmp_path)) == len(before) + 1
    assert fsck(tmp_path) == []


def test_without_a_file_of_the_history_nothing_is_published(tmp_path):
    good = publish(tmp_path)
    file = tmp_path / "history" / f"{good.id}.parquet"
    kept = file.read_bytes()
    file.unlink()
    with pytest.raises(PublishingError, match=r"is unknown.\n.*Restore it from a backup"):
        publish(tmp_path, numerator=8)
    with open_current(tmp_path) as snapshot:
        assert snapshot.id == good.id
    file.write_bytes(kept)
    assert publish(tmp_path, numerator=8).restatements == 1


def test_the_bytes_of_the_marts_are_those_that_were_audited(tmp_path):
    candidate = a_candidate(tmp_path)
    snapshot = publish_candidate(tmp_path, candidate, a_verdict(candidate), AT)
    assert snapshot.manifest["file_sha256"] == candidate.sha256
