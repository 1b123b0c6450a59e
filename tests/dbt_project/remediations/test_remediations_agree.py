"""Groups of findings in hundreds of small worlds: the mart agrees with the oracle, at every instant.

One build computes all worlds: each group has acts and cases of its own, many of them at one instant or around a midnight. Its
cases stand in fct_findings as that mart would hold them; how findings come to be and to a group is tested elsewhere.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import model_builds
import pytest
from oracles.remediations import effective, evaluate, figures, not_allowed
from warehouse import Warehouse, by_key, require_equal

GROUPS = 600
ZONE = "Europe/Dublin"
LONGEST = {"high": 20, "medium": 45, "low": 365}
MIDNIGHT = datetime(2026, 5, 31, 23, tzinfo=UTC)  # 1 June begins in Dublin
LANDED = (MIDNIGHT - timedelta(hours=1), datetime(2026, 9, 1, tzinfo=UTC))
AS_OF = (MIDNIGHT - timedelta(microseconds=1), MIDNIGHT, datetime(2026, 6, 15, 9, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
KINDS = ("assigned", "assigned", "commented", "accepted", "accepted", "resolved", "resolved", "reopened")
DAYS = ("2026-05-20", "2026-05-31", "2026-06-01", "2026-06-14", "2026-06-15", "2026-07-10", "2026-12-31")
CASES = {"group_key": "VARCHAR", "severity": "VARCHAR", "occurred_at": "TIMESTAMPTZ", "first_seen_at": "TIMESTAMPTZ"}
MODELS = (
    "fct_remediations",
    "int_findings__remediations",
    "int_metrics__remediations_measures",
    "int_metrics__remediations_ages",
)
METRICS = {
    "open_findings", "open_finding_age_p95_days", "accepted_findings", "overdue_remediations", "acceptance_too_long_count",
    "unlisted_owner_count",
}  # fmt: skip
PEOPLE = ("dana", "eve")
Row = dict[str, Any]


def moments(dice: Random) -> list[datetime]:
    near = [MIDNIGHT, MIDNIGHT - timedelta(microseconds=1), *AS_OF, LANDED[0] + timedelta(minutes=5, microseconds=1)]
    return near + [MIDNIGHT + timedelta(hours=dice.randint(-900, 1500)) for _ in range(6)]


def acts_of(dice: Random, number: int) -> list[Row]:
    """What somebody did about one group, and what was withdrawn of it, by its author or by another person."""
    rows: list[Row] = []
    when = moments(dice)
    for step in range(dice.choice((0, 1, 2, 3, 5, 8))):
        kind = dice.choice(KINDS)
        rows.append(
            {
                "namespace": dice.choice(("office", "office", "tickets")),
                "event_id": f"{number}-{dice.randint(0, 9)}{step}",
                "event_type": kind,
                "occurred_at": dice.choice(when),
                "landed_at": dice.choice((LANDED[0], LANDED[1], LANDED[1])),
                "subject_key": dice.choice(PEOPLE),
                "role": "officer",
                "group_key": f"g{number}",
                "owner": dice.choice(("Legal", "Web")) if kind == "assigned" else None,
                "due_date": dice.choice(DAYS) if kind == "assigned" else None,
                "accepted_until": dice.choice(DAYS) if kind == "accepted" else None,
                "note": f"{kind} {step}" if kind != "assigned" else None,
            }
        )
    struck = [row for row in rows if dice.random() < 0.15]
    return rows + [
        {
            "namespace": row["namespace"] if dice.random() < 0.8 else "elsewhere",
            "event_id": f"{row['event_id']}-w",
            "event_type": "withdrawn",
            "occurred_at": dice.choice((row["occurred_at"], row["occurred_at"] + timedelta(hours=3), dice.choice(when))),
            "landed_at": LANDED[1],
            "subject_key": row["subject_key"] if dice.random() < 0.8 else "somebody else",
            "role": "officer",
            "withdrawn_event_id": row["event_id"],
        }
        for row in struck
    ]


def worlds() -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """Acts and cases of each group."""
    dice = Random(41)
    acts = {f"g{number}": acts_of(dice, number) for number in range(GROUPS)}
    cases = {
        group: [
            {"group_key": group, "severity": severity, "occurred_at": at if dice.random() < 0.9 else None, "first_seen_at": at}
            for at in [dice.choice(moments(dice)) for _ in range(dice.choice((0, 1, 1, 2, 4)))]
        ]
        for group in acts
        for severity in [dice.choice(tuple(LONGEST))]
    }
    return acts, cases


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[datetime, dict[str, list[Row]]]:
    """The rows of each of MODELS at each instant, by the text of the models alone."""
    warehouse = Warehouse(tmp_path_factory.mktemp("remediations"), zone=ZONE).prepare()
    acts, cases = worlds()
    warehouse.deliver([row for rows in acts.values() for row in rows], Random(2), "remediations")
    with warehouse.connect() as db:
        db.execute("insert into pack.owners by name select 'c' as control_id, 'Legal' as owner")
    found: dict[datetime, dict[str, list[Row]]] = {}
    for as_of in AS_OF:
        warehouse.build(as_of.isoformat(), select=["+fct_remediation_events"])
        happened = [case for rows in cases.values() for case in rows if case["first_seen_at"] <= as_of]
        file = warehouse.folder / "cases.json"
        file.write_text(json.dumps(happened, default=str), encoding="utf-8")
        with warehouse.connect() as db:
            longest = ", ".join(f"acceptance_days_{severity} = {days}" for severity, days in LONGEST.items())
            db.execute(f"update pack.settings set {longest}")
            db.execute(
                "create or replace table outgoing.marts.fct_findings as"
                " select *, 'sale' as finding_code, 'a' as area, 'w' as word, '{}' as cause, ['c'] as control_ids"
                f" from read_json('{file}', columns = {CASES})"
            )
            for name in MODELS:
                model = model_builds.project().models.models[name]
                db.execute(f"create or replace table {model.relation} as {model.text}")
        relations = {name: model_builds.project().models.models[name].relation for name in MODELS}
        found[as_of] = {name: warehouse.rows(f"from {relation}") for name, relation in relations.items()}
    return found


@pytest.fixture(scope="module")
def published(built: dict[datetime, dict[str, list[Row]]]) -> dict[datetime, dict[tuple[Any, ...], Row]]:
    return {as_of: by_key(rows["fct_remediations"], "group_key") for as_of, rows in built.items()}


def expected(as_of: datetime) -> dict[tuple[Any, ...], Row]:
    acts, cases = worlds()
    rows = []
    for group, own in acts.items():
        counting = effective(own, as_of)
        happened = [case for case in cases[group] if case["first_seen_at"] <= as_of]
        if counting or happened:
            severity = happened[0]["severity"] if happened else None
            instants = [case["first_seen_at"] for case in happened]
            rows.append({"group_key": group} | evaluate(counting, instants, severity, LONGEST, as_of, ZONE))
    return by_key(rows, "group_key")


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_mart_and_the_oracle_agree_on_every_group(published, as_of):
    require_equal(published[as_of], expected(as_of), above=300)


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_every_figure_equals_plain_python(built, published, as_of):
    groups = [
        row | {"accepted_until": date.fromisoformat(row["accepted_until"]) if row["accepted_until"] else None}
        for row in published[as_of].values()
    ]
    cases = [case for rows in worlds()[1].values() for case in rows if case["first_seen_at"] <= as_of]
    counted = built[as_of]["int_metrics__remediations_measures"]
    computed = {(row["metric_code"], row["dimension"], row["dimension_value"]): row["numerator"] for row in counted}
    ages = built[as_of]["int_metrics__remediations_ages"]
    computed |= {(row["metric_code"], row["dimension"], row["dimension_value"]): row["value"] for row in ages}
    assert computed == pytest.approx(figures(groups, cases, as_of, ZONE))
    assert all(row["worst_value"] >= row["value"] for row in ages)
    if as_of == AS_OF[2]:
        assert {code for (code, *_), value in computed.items() if value} == METRICS


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_what_the_pack_does_not_allow_is_found_in_every_group_that_has_cases(built, published, as_of):
    """The model has a row for each severity that a group may have; fct_findings keeps that of its cases."""
    acts, _ = worlds()
    found, computed = set(), set()
    for group, own in acts.items():
        row = published[as_of].get((group,), {})
        found |= not_allowed(effective(own, as_of), row.get("severity"), LONGEST, {"Legal"}, as_of, ZONE)
    for row in built[as_of]["int_findings__remediations"]:
        if published[as_of][row["group_of_act"],]["severity"] == row["severity_of_group"]:
            computed.add((row["finding_code"], row["entity"].split("/")[1], row["event_id"]))
            assert row["places"] == [f"severity={row['severity_of_group']}"]
    assert computed == found
    assert len({code for code, *_ in found}) == 2


def test_an_owner_is_listed_where_the_pack_lists_it(published):
    rows = [row for found in published.values() for row in found.values()]
    assert all(row["owner_is_listed"] is (None if row["owner"] is None else row["owner"] == "Legal") for row in rows)


def test_the_worlds_hold_what_the_rules_are_about(published):
    rows = [row for found in published.values() for row in found.values()]
    assert {row["state"] for row in rows} == {"unassigned", "assigned", "overdue", "accepted", "resolved", "reopened"}
    assert {row["state_reason"] for row in rows} == {None, "no_case_left", "acceptance_expired", "new_cases"}
    assert {row["is_accepted_too_long"] for row in rows} == {None, True, False}
    assert any(row["state"] == "resolved" and row["cases"] for row in rows)


def test_nothing_but_an_act_or_a_case_changes_a_state_before_next_change_at(published):
    """A group of which nothing new happened stands as it stood until the instant that its row names."""
    changed = 0
    for before, after in pairwise(AS_OF[1:]):
        for key, row in published[before].items():
            later = published[after].get(key)
            same = later is not None and all(row[name] == later[name] for name in ("acts", "cases", "last_event_id", "last_at"))
            if same and row["state"] != later["state"]:
                assert row["next_change_at"] is not None, row
                assert datetime.fromisoformat(row["next_change_at"]) <= after, row
                changed += 1
    assert changed
