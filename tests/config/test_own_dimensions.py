"""Dimensions of one's own: what promisekept.yml may declare, and how a source's values of them land."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest
from source_project import Project, answered, received

from promisekept.assessment.figures import GRAINS
from promisekept.config.loading import load_settings
from promisekept.config.own_dimensions import _TAKEN, OwnDimensions
from promisekept.errors import ConfigError
from promisekept.policy.catalogue import COUNTED_BY
from promisekept.sources.contract import DIMENSIONS
from promisekept.sources.landing.dry_run import dry_run

DEPARTMENT = {"department": {"title": "Department"}}


class Dimensioned(Project):
    """A project that declares dimensions."""

    declared: ClassVar[dict] = {"requests": DEPARTMENT | {"team": {"title": "Team", "column": "group_name"}}}

    @property
    def settings(self):
        super().settings  # noqa: B018 - it writes the file
        file = self.folder / "promisekept.yml"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"dimensions": self.declared}))
        return load_settings(file)


@pytest.fixture
def dimensioned(tmp_path):
    return Dimensioned(tmp_path)


def test_what_every_project_has_is_no_name_of_ones_own():
    assert set(_TAKEN) == {*COUNTED_BY, *GRAINS, DIMENSIONS}


def test_what_is_declared_is_one_text_and_back():
    declared = OwnDimensions.model_validate({"requests": DEPARTMENT, "records": {"product": {"title": "Product line, old"}}})
    assert declared.text == "requests.department=Department;records.product=Product line, old"
    assert OwnDimensions.of_text(declared.text).text == declared.text
    assert OwnDimensions().text == OwnDimensions.of_text("").text == ""


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"requests": {"channel": {"title": "Channel"}}}, "`channel` is what figures are counted by in every project"),
        ({"requests": {"month": {"title": "Month"}}}, "`month` is what figures are counted by in every project"),
        ({"requests": {"Sales Team": {"title": "Team"}}}, "dimensions.requests.Sales Team"),
        ({"requests": {"team": {"title": "A=B"}}}, "dimensions.requests.team.title"),
        ({"requests": {"team": {"title": "Team", "colum": "x"}}}, "Did you mean `column`?"),
        ({"request": DEPARTMENT}, "Did you mean `requests`?"),
        ({"disclosures": DEPARTMENT}, "dimensions.disclosures: unknown key"),
        ({"requests": {"team": {"title": "Team", "column": "role"}}}, "requests.team: `role` is a column of the contract"),
        (
            {"records": {"who": {"title": "Who", "column": "subject_ref"}}},
            "`subject_ref` is a column of the contract of `retention`",
        ),
        ({"requests": DEPARTMENT | {"team": {"title": "Team", "column": "department"}}}, "the column `department` too"),
        ({"requests": DEPARTMENT, "records": {"department": {"title": "Unit"}}}, "`department` has two titles"),
        ({"requests": {f"d{number}": {"title": "D"} for number in range(9)}}, "9 dimensions; there may be 8"),
    ],
)
def test_a_wrong_declaration_is_named_with_its_key_and_the_remedy(dimensioned, declared, message):
    dimensioned.declared = declared
    with pytest.raises(ConfigError) as error:
        _ = dimensioned.settings
    assert message in str(error.value)


def test_values_land_by_name_and_rows_without_one_state_none(dimensioned):
    dimensioned.file(
        "a.csv",
        [
            received(department='Sales & "Service"', group_name="South"),
            received(event_id="e3", request_id="r2", group_name="North"),
            answered(),
        ],
    )
    assert dimensioned.land_one().counts["landed"] == 3
    assert dimensioned.query(
        "select event_id, dimensions::json ->> 'department', dimensions from landing.requests order by 1"
    ) == [
        ("e1", 'Sales & "Service"', '{"department":"Sales & \\"Service\\"","team":"South"}'),
        ("e2", None, None),
        ("e3", None, '{"team":"North"}'),
    ]
    dimensioned.file("b.csv", [received(department='Sales & "Service"', group_name="South"), received(department="Other")])
    counts = dimensioned.land_one().counts
    assert (counts["duplicate"], counts["conflicting"]) == (1, 1), "as with any other column"


def test_a_person_or_a_whole_text_is_no_value_of_a_dimension(dimensioned):
    rows = [
        received(event_id=f"e{number}", department=value) for number, value in enumerate(("ann@example.org", "x" * 101, "Ok"))
    ]
    dimensioned.file("a.csv", rows)
    assert dimensioned.land_one().counts["quarantined"] == 2
    assert [reject[1:3] for reject in dimensioned.rejects()] == [
        ("personal_data_in_identifier", "department"),
        ("too_long", "department"),
    ]


def test_a_column_that_is_not_declared_is_rejected_with_the_one_that_is(dimensioned):
    dimensioned.file("a.csv", [received(departement="Sales")])
    dimensioned.land()
    assert "Did they mean `department`?" in dimensioned.query("select says from landing.held_back")[0][0]
    dimensioned.mapping("select *, 'Sales' as deparment from source")
    dimensioned.file("b.csv", [received()])
    dimensioned.land()
    says = [row[0] for row in dimensioned.query("select says from landing.held_back")]
    assert any("Did you mean `department`?" in one for one in says), says


def test_check_names_a_dimension_that_no_row_states(dimensioned):
    dimensioned.file("a.csv", [received(department="Sales"), answered()])
    found = dry_run(dimensioned.settings, dimensioned.settings.source("helpdesk"), dimensioned.now)
    assert [doubt for doubt in found.doubts if "dimension" in doubt] == [
        "no row states the dimension team: deliver it in a column `group_name`, or name another one in"
        " dimensions.requests.team.column"
    ]


def test_a_dimension_is_declared_for_all_sources_of_a_log_alone(dimensioned):
    dimensioned.source("records", log="retention", path="inbox/records*")
    dimensioned.file(
        "records.csv",
        [{"event_id": "e1", "record_id": "R", "event_type": "seen", "occurred_at": "2026-01-01T00:00Z", "department": "x"}],
    )
    dimensioned.land()
    assert "which `retention` does not have" in dimensioned.query("select says from landing.held_back")[0][0]
    dimensioned.source(dimensions=[["department", "department"]])
    with pytest.raises(ConfigError, match="is no key of a source"):
        _ = dimensioned.settings
