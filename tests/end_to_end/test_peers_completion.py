"""When something counts as done, among whom, and until when one looks: what other systems forget, as stories.

As in test_peers_figures.py each test is named for what it protects, and its docstring gives the row of the benchmark. Every
code of the contract (T4) has a test beside the landing, tests/sources/landing/test_every_code.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from world import Report, World, help_desk

pytestmark = pytest.mark.slow

AS_OF = "2026-06-15"
NEWEST = {"fulfilled": 60, "partially_fulfilled": 20, "denied": 20}
LEFT = {"withdrawn": 3, "excluded": 2}
OLDEST = 10
REAPPEARED = {
    "at-once": ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00.000001Z"),
    "after-a-month": ("2026-03-01T10:00:00Z", "2026-04-01T10:00:00Z"),
    "after-years": ("2017-03-01T10:00:00Z", "2026-05-20T10:00:00Z"),
}
RECORD = {"system": "crm", "data_category": "contact", "purpose_code": "care", "record_count": 1}


def requests(world: World) -> None:
    """A hundred recent answers in time, ten old ones that came late, five that left, and two that show what completes."""
    for how, number in (NEWEST | LEFT).items():
        reason = {"excluded": "test", "withdrawn": None, "fulfilled": None}.get(how, "exempt")
        for n in range(number):
            world.request(f"{how}-{n}", received="2026-04-10").happened(how, "2026-04-20", reason_code=reason)
    for n in range(OLDEST):
        world.request(f"old-{n}", received="2025-01-10").fulfilled("2025-06-01")
    case = world.request("told", right="erasure", received="2026-03-02").acknowledged("2026-03-03")
    case.system_completed("2026-03-10", system="crm").fulfilled("2026-03-20")
    world.request("untold", right="erasure", received="2026-03-02").system_completed("2026-03-10", system="crm")


def records() -> list[dict[str, Any]]:
    """Three record sets that came back, soon and late, and one that stayed away."""
    rows: list[dict[str, Any]] = []
    for name, (deleted_at, seen_at) in (REAPPEARED | {"gone": ("2017-03-01T10:00:00Z", "")}).items():
        happened = (("created", "2016-01-01T10:00:00Z"), ("deleted", deleted_at), ("seen", seen_at))
        for event_type, at in happened:
            row = {"record_id": name, "event_type": event_type, "occurred_at": at, "event_id": f"{name}:{event_type}"}
            rows += [row | (RECORD if event_type == "created" else {})] if at else []
    return rows


def decisions() -> list[dict[str, Any]]:
    """Ten are asked: four agree, two refuse, four say nothing. Four are not asked: three agree, one refuses."""
    answers = ["given"] * 4 + ["refused"] * 2 + [""] * 4
    unasked = ["given"] * 3 + ["refused"]
    rows = [(f"asked-{n}", kind, day) for n, answer in enumerate(answers) for kind, day in (("shown", 1), (answer, 2))]
    rows += [(f"unasked-{n}", answer, 2) for n, answer in enumerate(unasked)]
    return [
        {"event_id": f"{person}:{kind}", "subject_ref": person, "event_type": kind, "purpose_code": "news"}
        | {"mechanism": "banner", "occurred_at": f"2026-05-0{day}T10:00:00Z"}
        for person, kind, day in rows
        if kind
    ]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    world = World(tmp_path_factory.mktemp("completion") / "world")
    logs = {"retention": records(), "consents": decisions()}
    world.configure(help_desk("helpdesk", inbox="requests"), *(help_desk(log, inbox=log) | {"log": log} for log in logs))
    requests(world)
    for log, rows in logs.items():
        world.deliver(rows, inbox=log)
    return world.run(AS_OF, only=("fct_metrics", "fct_request_traces", "fct_findings"))


def trace(report: Report, request_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The last step, and the landed rows behind the request."""
    (row,) = report.table("fct_request_traces", f"request_key like '%/{request_id}/%'")
    return json.loads(row["trace"])[-1], row["provenance"]


def test_a_request_is_complete_when_an_event_says_so_and_the_trace_names_it(report):
    """T3: a blank where the day of completion should stand. Here it is the day of the answer, by its event and its row."""
    assert report.request("told") == {"closed_date": "2026-03-20", "outcome": "fulfilled", "status": "closed_on_time"}
    state, rows = trace(report, "told")
    assert state == {
        "step": "state",
        "date": "2026-03-20",
        "says": "Closed on 20 March 2026, in time.",
        "why": "closed on time",
        "status": "closed_on_time",
        "closed_by": "fulfilled",
    }
    (answer,) = [row for row in rows if row["event_type"] == state["closed_by"]]
    assert answer["occurred_at"].date().isoformat() == state["date"]
    assert answer["source"] == "helpdesk"
    assert answer["row_number"] > 0


def test_that_a_system_is_done_completes_nothing(report):
    """T3: nothing is taken for an answer that does not say that it is one."""
    assert report.request("untold") == {"closed_date": None, "outcome": None, "status": "open_overdue"}
    state, _ = trace(report, "untold")
    assert (state["closed_by"], state["status"]) == (None, "open_overdue")


def test_every_request_is_in_the_rate_and_not_only_the_latest_hundred(report):
    """T11: the latest hundred are all in time; ten old ones were not, and they are not forgotten."""
    latest = sum(NEWEST.values())
    assert latest == 100
    rate = report.metric("deadline_adherence", "right_type", "access")
    assert rate == {"numerator": latest, "denominator": latest + OLDEST}


def test_every_way_in_which_a_request_ends_has_its_place(report):
    """T11: complete was one status of many. Each answer counts as one, whatever it says; who left is counted apart."""
    access = ("right_type", "access")
    answered = sum(NEWEST.values()) + OLDEST
    assert report.metric("denial_rate", *access) == {"numerator": NEWEST["denied"], "denominator": answered}
    left = sum(LEFT.values())
    assert report.metric("exclusion_rate", *access) == {"numerator": left, "denominator": answered + left}
    found = {row["outcome"] for row in report.table("fct_requests", "closed_date is not null")}
    assert found == set(NEWEST)


def test_what_comes_back_is_found_however_late(report):
    """T12: whoever looks back for some weeks sees nothing of what a backup restores after years."""
    records = {row["record_id"]: row["status"] for row in report.table("fct_records")}
    assert {name for name, status in records.items() if status == "reappeared"} == set(REAPPEARED)
    assert records["gone"] != "reappeared"
    assert report.metric("reappeared_records")["value"] == len(REAPPEARED)
    found = {row["entity"].rpartition("/")[2] for row in report.findings("reappeared")}
    assert found == set(REAPPEARED)


def test_opt_in_rates_state_their_denominator(report):
    """T18: of those who decided, of those who were asked, of all who were asked or decided. Who was never asked is in no log."""
    shares = {
        "consent_opt_in_rate": (7, 10),
        "consent_opt_in_rate_of_shown": (4, 10),
        "consent_opt_in_rate_of_all": (7, 14),
    }
    for code, (given, among) in shares.items():
        assert report.metric(code) == {"numerator": given, "denominator": among, "value": given / among}
