"""From a promise to its sources: every step is what the marts hold, can be chosen, and stands in the address."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from opened_pages import Open, frames, texts

from dashboards.charts import graph
from dashboards.data import lineage, promises, query
from dashboards.data.lineage import KINDS, Lineage, LineageNode
from dashboards.snapshots import Ref, resolve
from dashboards.views.traceability import definition
from promisekept.presentation import formats, statuses
from promisekept.presentation.periods import TO_DATE, parse

Q3 = parse("2026-Q3")


def steps_of(ref: Ref, clause: str) -> Lineage:
    assert Q3 is not None
    return lineage.lineage(resolve(Path(ref.home), None), clause, Q3)


def facts(app: object) -> dict[str, str]:
    """The definition of the chosen step."""
    table = app.table[0].value  # type: ignore[attr-defined]
    return {name: value.replace("\\", "") for name, value in zip(table[" "], table["  "], strict=True)}


def test_a_promise_leads_over_its_measures_to_the_sources_of_their_logs(ref: Ref) -> None:
    found = steps_of(ref, "RIG-8")
    assert [node.name for node in found.of("control")] == ["CTL-DEADLINE"]
    assert {node.code for node in found.of("metric")} == {"deadline_adherence", "acknowledgement_adherence"}
    assert {node.name for node in found.of("metric")} == {lineage.metric(ref, node.code)["name"] for node in found.of("metric")}
    assert [node.name for node in found.of("model")] == ["fct_requests"]
    assert {node.name for node in found.of("source")} == {"helpdesk", "legacy_tickets"}
    assert ("model:fct_requests", "source:legacy_tickets") in found.edges
    assert found.node("model:fct_requests").state == "400 rows"
    assert found.node("source:legacy_tickets").summary == "△ Stale, 26 Sep 2026"


def test_a_log_without_a_source_is_a_step_that_says_so(ref: Ref, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "metric", lambda *_: {"mart": "fct_flights", "logs": ["requests", "flights"]})
    found = steps_of(ref, "RIG-8")
    assert {node.name for node in found.of("source")} == {"helpdesk", "legacy_tickets", "log flights"}
    assert found.node("source:log flights").state == statuses.CHECKS["not_configured"].text
    assert found.node("model:fct_flights").state == "not in this snapshot"


def test_a_metric_of_two_marts_leads_over_each_of_them(ref: Ref, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both names together were one box with the message that the snapshot had no such table."""
    monkeypatch.setattr(lineage, "metric", lambda *_: {"mart": "fct_requests;fct_flights", "logs": ["requests"]})
    found = steps_of(ref, "RIG-8")
    assert {node.name for node in found.of("model")} == {"fct_requests", "fct_flights"}
    assert found.node("model:fct_requests").state == "400 rows"
    assert {("model:fct_requests", "source:helpdesk"), ("model:fct_flights", "source:helpdesk")} <= set(found.edges)


def test_a_promise_that_people_assess_ends_with_its_control(ref: Ref) -> None:
    found = steps_of(ref, "SEC-1")
    assert [node.kind for node in found.nodes] == ["promise", "control"]
    assert found.deciding.id == "control:CTL-SEC"


@pytest.mark.parametrize("clause", ["RIG-1", "RIG-4", "RIG-6", "RIG-8", "RIG-9", "RIG-10", "CON-1", "SEC-1"])
def test_the_steps_say_the_verdicts_and_values_of_the_marts(ref: Ref, clause: str) -> None:
    assert Q3 is not None
    found, (_, measures) = steps_of(ref, clause), promises.promise(ref, clause, Q3)
    judged = next(row for row in promises.promises(ref, Q3) if row["clause_id"] == clause)
    assert found.of("promise")[0].state == statuses.VERDICTS[judged["status"]].text
    assert len(found.of("metric")) == sum(row["metric_code"] is not None for row in measures)
    for node in found.of("metric"):
        if node.row["value"] is not None:
            assert node.state.startswith(formats.measured(node.row["value"], node.row["unit"], node.row["target"]))
    assert {end for _, end in found.edges} | {found.of("promise")[0].id} == {node.id for node in found.nodes}


def test_what_leads_to_a_step_and_from_it_stands_out() -> None:
    nodes = tuple(LineageNode(f"{kind}:{name}", kind, name, "") for kind in KINDS for name in "ab")
    straight = tuple((f"{one}:{name}", f"{other}:{name}") for one, other in pairwise(KINDS) for name in "ab")
    found = Lineage(nodes, straight)
    assert found.beside("metric:a") == {f"{kind}:a" for kind in KINDS}
    boxes = next(rows for rows in frames(graph.graph(found, "metric:a")) if "fill" in rows[0])
    assert [box["id"] for box in boxes if box["line"] > 2] == ["metric:a"]
    assert {box["id"] for box in boxes if box["shown"] == 1} == found.beside("metric:a")
    assert graph.height(found) < graph.height(
        Lineage((*nodes, *(LineageNode(f"source:{n}", "source", n, "") for n in "cde")), ())
    )


def test_a_long_name_stands_on_two_lines_of_its_box_and_is_read_whole() -> None:
    name = "Withdrawals by request not recorded in time"
    boxes = next(
        rows for rows in frames(graph.graph(Lineage((LineageNode("metric:a", "metric", name, ""),), ()), "")) if "fill" in rows[0]
    )
    assert [(box["name"], box["lines"]) for box in boxes] == [(name, "Withdrawals by request\nnot recorded in time")]
    assert boxes[0]["top"] < boxes[0]["upper"] < boxes[0]["lower"] < boxes[0]["bottom"]


def test_the_page_opens_with_the_worst_promise_and_the_measure_that_decides_it(open_page: Open, ref: Ref) -> None:
    assert Q3 is not None
    worst = promises.promises(ref, Q3)[0]
    app = open_page("/traceability")
    assert app.selectbox(key="clause").value == worst["clause_id"]
    told = facts(app)
    assert told["Measured"].startswith(
        f"**{formats.measured(worst['value'], worst['unit'], worst['target'])}** · {formats.base(worst)}"
    )
    assert told["Target"].startswith(formats.target(worst["operator"], worst["target"], worst["unit"]))


def test_a_rate_is_defined_by_its_numerator_its_denominator_and_its_date(open_page: Open, ref: Ref) -> None:
    row = query.first(
        ref,
        "select * from marts.fct_control_results where period_grain = 'to_date' and dimension_value = 'erasure'"
        " and metric_code = 'deadline_adherence'",
    )
    app = open_page("/traceability", clause="RIG-4", node="metric:deadline_adherence:right_type:erasure", period="to_date")
    told = facts(app)
    assert formats.out_of(row["numerator"], row["denominator"]) in told["Measured"]
    assert (told["Numerator"], told["Denominator"]) == ("closed on time", "closed on time + closed late + open and overdue")
    assert (told["Dated by"], told["Only"]) == ("the day on which the answer was due", "Right: Erasure")
    assert TO_DATE.words in texts(app)
    texts_of = dict(part.split(" ", 1) for part in told["Compiled SQL"].replace("\\", "").replace("`", "").split(" · "))
    assert texts_of == {"fct_requests": f"{'1f' * 4}…{'1f' * 4}", "fct_metrics": f"{'2e' * 4}…{'2e' * 4}"}


def test_a_count_is_defined_in_a_sentence() -> None:
    about = {
        "description": "Denials of a ground / that is none.",
        "statistic": "count",
        "period_by": "to_date",
        "mart": "fct_requests",
    }
    assert definition._computed(about)["Counted"].replace("\\", "") == about["description"]
    assert "Numerator" not in definition._computed(about)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("promise:RIG-8", {"Assessed": "By measures"}),
        ("control:CTL-DEADLINE", {"Verdict": "the third quarter of 2026"}),
        ("model:fct_requests", {"Rows": "400", "Table": "marts.fct_requests", "Metrics": "Answered on time"}),
        ("source:helpdesk", {"Log": "requests", "Rows": "48,211 read = 47,902 landed + 288 duplicate"}),
    ],
)
def test_every_kind_of_step_has_its_facts(open_page: Open, node: str, said: dict[str, str]) -> None:
    told = facts(open_page("/traceability", clause="RIG-8", node=node))
    for name, part in said.items():
        assert part in told[name]


def test_a_step_is_chosen_by_its_button_and_another_promise_forgets_it(open_page: Open) -> None:
    app = open_page("/traceability", clause="RIG-8")
    app.button(key="step_source:helpdesk").click().run()
    assert app.query_params["node"] in ("source:helpdesk", ["source:helpdesk"])
    app.selectbox(key="clause").set_value("RIG-6").run()
    assert "node" not in app.query_params
    assert app.query_params["clause"] in ("RIG-6", ["RIG-6"])
