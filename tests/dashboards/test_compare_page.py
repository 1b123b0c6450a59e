"""Compare and the overview's line of changes: what changed between two periods or snapshots, and what is never good news."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from opened_pages import Open, rows_of, texts

from dashboards.data import changes, promises
from dashboards.snapshots import Ref
from dashboards.views.overview import figures
from promisekept.assessment.changes import VerdictChange, changed_verdicts, counted
from promisekept.assessment.reasons import Pair
from promisekept.presentation import statuses
from promisekept.presentation.periods import Period, parse

Q2: Period = parse("2026-Q2")  # type: ignore[assignment]
Q3: Period = parse("2026-Q3")  # type: ignore[assignment]


def changed(ref: Ref) -> tuple[VerdictChange, ...]:
    """From Q2 to Q3, as the core computes it."""
    return changed_verdicts(*(changes.assessment(ref, period, period.label) for period in (Q2, Q3)))


def test_two_periods_side_by_side_show_each_changed_verdict_with_its_reason(open_page: Open, ref: Ref) -> None:
    app, expected = open_page("/compare"), changed(ref)
    assert (app.selectbox(key="base").value, app.selectbox(key="with").value) == ("2026-Q2", "2026-Q3")
    assert expected
    assert f"Changed verdicts · {len(expected)}" in texts(app)
    table = next(one.value for one in app.table if "Why it changed" in one.value)
    for change, (_, row) in zip(expected, table.iterrows(), strict=True):
        assert change.clause_id.replace("-", "\\-") in row["Promise"]
        assert statuses.CHANGE_REASONS[change.reason].text in row["Why it changed"]
        assert [statuses.VERDICTS[side["status"]].text in row["Verdict"] for side in (change.pair.before, change.pair.after)]
    words = texts(app)
    assert "Lost evidence never counts as better" in words
    every = len(promises.promises(ref, Q3))
    assert f"{len(expected)} of {every} verdicts changed; {every - len(expected)} are the same" in words


def test_the_sides_come_from_the_address_and_what_is_on_no_list_is_dropped(open_page: Open) -> None:
    app = open_page("/compare", base="2026-Q3", address={"with": "2026-Q1"})
    assert (app.selectbox(key="base").value, app.selectbox(key="with").value) == ("2026-Q3", "2026-Q1")
    next(button for button in app.button if button.label == "Swap").click()
    app.run()
    assert (app.selectbox(key="base").value, app.selectbox(key="with").value) == ("2026-Q1", "2026-Q3")
    forged = open_page("/compare", base="2026-Q9", mode="<b>", address={"with": "' or 1=1"})
    assert texts(forged) == texts(open_page("/compare"))
    same = open_page("/compare", base="2026-Q3", address={"with": "2026-Q3"})
    assert "No verdict changed" in texts(same)


def test_two_snapshots_of_one_period_are_compared_and_named(open_page: Open, ref: Ref, home: Path) -> None:
    app = open_page("/compare", mode="snapshots")
    older = min(path.name for path in (home / "snapshots").glob("0*"))
    assert (app.selectbox(key="base").value, app.selectbox(key="with").value) == (older, ref.id)
    words = texts(app)
    assert f"snapshot {older}: snapshot {older}" in words or older in words
    before, after = (changes.assessment(Ref(str(home), name), Q3, f"snapshot {name}") for name in (older, ref.id))
    assert f"Changed verdicts · {len(changed_verdicts(before, after, same_period=True))}" in words


def test_what_was_assessed_is_not_assessed_again_under_another_name(ref: Ref, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever turned from periods to snapshots waited for three seconds at a hundred million events."""
    before = changes.assessment(ref, Q3, Q3.label)
    monkeypatch.delattr(changes.compared, "assess")
    assert changes.assessment(ref, Q3, "another name") == replace(before, label="another name")


def test_one_snapshot_alone_says_what_there_is_to_wait_for(open_page: Open, tmp_path: Path) -> None:
    import invented
    from opened_pages import PUBLISHED

    invented.publish(tmp_path / "one", PUBLISHED, 60)
    words = texts(open_page("/compare", at=tmp_path / "one", mode="snapshots"))
    assert "Nothing to compare yet" in words
    assert "publishes the second" in words


def test_the_overview_names_what_changed_and_its_cards_open_what_they_count(open_page: Open, ref: Ref) -> None:
    app, expected = open_page("/"), counted(changed(ref))
    words, named = texts(app), [button.label.replace("\\", "") for button in app.button]
    assert f"{sum(map(len, expected.values()))} verdicts changed since Q2 2026" in words
    for kind, found in expected.items():
        assert f"{len(found)} {figures._LINE[kind]}" in words
        assert {change.clause_id for change in found[:6]} <= set(named)
    every = promises.promises(ref, Q3)
    for group, one in statuses.VERDICT_GROUPS.items():
        own = [row["clause_id"] for row in every if row["status"] in one.codes]
        opened = open_page("/", status=group)
        assert (list(rows_of(opened, "Clause")["Clause"]) if own else []) == own
        assert next(str(metric.value) for metric in opened.metric if metric.label == one.text).split()[0] == str(len(own))


@pytest.mark.parametrize(
    ("before", "now", "missed", "unknown"),
    [
        ({"missed": 3, "met": 32}, {"missed": 2, "insufficient_evidence": 33}, ":gray-badge", ":yellow-badge"),
        ({"missed": 3, "met": 32}, {"missed": 2, "met": 33}, ":green-badge", ""),
        ({"missed": 3, "met": 32}, {"missed": 4, "met": 31}, ":red-badge", ""),
        ({"missed": 3, "manual": 2}, {"missed": 2, "manual": 2, "met": 1}, ":green-badge", ""),
        ({"missed": 3, "met": 2}, {"missed": 3, "met": 1, "manual": 1}, "", ":yellow-badge"),
    ],
)
def test_no_badge_is_green_while_more_promises_are_unknown(
    before: dict[str, int], now: dict[str, int], missed: str, unknown: str
) -> None:
    badges = figures._badges(Counter(now), Counter(before), {})
    assert badges.get("missed", "")[: len(missed) or 1] == missed
    assert badges.get("not_assessable", "")[: len(unknown) or 1] == unknown
    if unknown:
        assert not any("green" in badge for badge in badges.values())


def test_lost_evidence_stands_on_the_card_even_where_the_count_did_not_grow() -> None:
    pair = Pair({"status": "missed"}, {"status": "insufficient_evidence"}, None, None, "", "")
    lost = {"no_longer_assessable": [VerdictChange("LAW-1", "no_longer_assessable", "evidence_lost", "", pair)]}
    same = Counter({"missed": 1, "insufficient_evidence": 1})
    assert "1 lost evidence" in figures._badges(same, same, lost)["not_assessable"]
