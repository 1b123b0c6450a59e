"""A row that landed can be had back by batch and number, as it landed and without the value that was rejected."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from source_project import Project, answered, received

from promisekept.errors import PublishingError
from promisekept.publishing.provenance import deliveries, landed_row
from promisekept.sources.zone.compaction import compact


@pytest.fixture
def home(project: Project) -> Path:
    return project.folder / "home"


def test_a_row_is_shown_column_by_column_with_the_person_as_a_pseudonym(project: Project, home: Path) -> None:
    project.file("march.csv", [received(), answered()])
    project.land()
    first, second = landed_row(home, "b-0001", 1), landed_row(home, "b-0001", 2)
    assert first is not None
    assert second is not None
    assert (first["event_id"], first["right_type"], second["event_type"]) == ("e1", "access", "fulfilled")
    assert len(first["subject_key"]) == 32
    assert "jane@example.org" not in str(first)


def test_the_delivery_is_named_by_its_file_without_its_folder(project: Project, home: Path) -> None:
    project.file("march.csv", [received(), answered()])
    project.land()
    (delivery_of_row,) = deliveries(home, ["b-0001", "b-9999"]).values()
    assert (
        delivery_of_row.file,
        delivery_of_row.source,
        delivery_of_row.log,
        delivery_of_row.rows,
        delivery_of_row.superseded,
    ) == ("march.csv", "helpdesk", "requests", 2, False)
    assert delivery_of_row.landed_at == project.now


def test_a_row_is_found_again_where_its_month_was_put_into_one_file(project: Project, home: Path) -> None:
    for number in range(3):
        project.file(f"{number}.csv", [answered(event_id=f"e{number}")])
        project.land()
    compact(project.settings, project.ledger, project.now + timedelta(days=40))
    found = [landed_row(home, f"b-000{number + 1}", 1) for number in range(3)]
    assert [row and row["event_id"] for row in found] == ["e0", "e1", "e2"]


def test_of_a_rejected_row_the_reason_is_shown_and_never_what_was_rejected(project: Project, home: Path) -> None:
    project.file("a.csv", [received(), received(event_id="e9", right_type="jane@example.org")])
    project.land()
    row: Any = landed_row(home, "b-0001", 2)
    assert (row["event_id"], row["reason"], row["column_name"]) == ("e9", "unknown_code", "right_type")
    assert "jane@example.org" not in json.dumps(row, default=str)


def test_a_file_that_was_changed_shows_nothing(project: Project, home: Path) -> None:
    project.file("march.csv", [received(), answered()])
    project.land()
    (file,) = (home / "landing" / "requests").iterdir()
    file.chmod(0o644)
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    with pytest.raises(PublishingError, match="not what the ledger recorded"):
        landed_row(home, "b-0001", 1)


def test_a_file_that_our_own_retention_cleared_is_no_error(project: Project, home: Path) -> None:
    project.file("march.csv", [received(), answered()])
    project.land()
    for file in (home / "landing" / "requests").iterdir():
        file.unlink()
    assert landed_row(home, "b-0001", 1) is None


@pytest.mark.parametrize(("batch", "row"), [("b-0009", 1), ("b-0001", 3), ("../../etc/passwd", 1)])
def test_what_never_landed_is_rejected_by_name(project: Project, home: Path, batch: str, row: int) -> None:
    project.file("march.csv", [received(), answered()])
    project.land()
    with pytest.raises(PublishingError, match=r"names no batch|holds no row"):
        landed_row(home, batch, row)
