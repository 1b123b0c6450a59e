"""Who answers for a promise stands beside it: the pack's words, or that it names nobody."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

from printed import Page


def register(name: str) -> list[dict[str, str]]:
    text = (resources.files("promisekept.demo") / f"pack/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_the_board_sees_who_answers_for_what_was_missed_and_by_when(page: Page):
    """Twelve are wrong and ten are listed; the register itself is the source, whatever the marts made of it."""
    owners = {row["control_id"]: row["owner"] for row in register("owners")}
    controls = {row["clause_id"]: row["control_id"] for row in register("controls")}
    table = page.table("Missed or not assessable, and who answers for it")
    owner_by_ref = dict(zip(table.column("Ref."), table.column("Owner, due"), strict=True))
    assert len(owner_by_ref) == 10
    assert {ref: cell.partition(",")[0] for ref, cell in owner_by_ref.items()} == {
        ref: owners.get(controls[ref], "no owner named") for ref in owner_by_ref
    }
    assert owner_by_ref["RIG-6"] == "no owner named"
    assert owner_by_ref["RIG-1"].replace("\u00a0", " ") == "Privacy Operations, 31 Oct 2026"
    assert owner_by_ref["CON-1"].replace("\u00a0", " ") == "Marketing Operations, 15 Sep 2026 (passed)"


def test_each_promise_names_control_owner_and_measure_in_its_head(page: Page):
    assert "Control CTL-RIGHT-ACCESS · Owner: Privacy Operations · Measure" in page.text
    assert "Control CTL-RIGHT-OBJECTION · Owner: no owner named · Measure" in page.text
    assert page.text.count("· Owner: ") == len(register("clauses"))


def test_the_public_learns_of_no_owner(public: Path):
    text = Page((public / "data/report.html").read_text(encoding="utf-8")).text
    assert "Owner" not in text
    assert "Privacy Operations" not in text
    assert not (public / "data/pack/owners.csv").exists()
    with (public / "data/tables/dim_clauses.csv").open(encoding="utf-8", newline="") as file:
        assert "owner" not in next(csv.reader(file))
