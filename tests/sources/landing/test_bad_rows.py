"""A row that is wrong is rejected by itself, with its reason; every other row lands."""

import pytest
from source_project import answered, received


def test_a_default_stands_in_for_a_missing_column(project):
    rows = [received()]
    del rows[0]["event_type"], rows[0]["channel"]
    project.source(defaults={"event_type": "received", "channel": "phone"}).file("a.csv", rows)
    project.land()
    assert project.query("select event_type, channel from landing.requests") == [("received", "phone")]


def test_an_unknown_code_sends_only_its_row_to_quarantine_with_the_value_named(project):
    project.file("a.csv", [received(), answered(event_type="granted")])
    landed = project.land_one()
    assert (landed.counts["landed"], landed.quarantined) == (1, {"unknown_code": 1})
    assert project.rejects() == [(2, "unknown_code", "event_type", "granted")]


def test_a_required_value_may_be_missing_only_where_the_contract_says_so(project):
    project.file(
        "a.csv",
        [
            received(),
            answered(event_id="e3", event_type="denied"),
            answered(event_id="e4", jurisdiction=""),
            received(event_id="e5", channel=""),
        ],
    )
    project.land()
    assert project.rejects() == [(2, "missing_value", "reason_code", None), (4, "missing_value", "channel", None)]


def test_a_time_without_an_offset_from_a_source_without_a_zone_is_rejected(project):
    project.file("a.csv", [received(occurred_at="2026-03-10 10:00:00")])
    landed = project.land_one()
    assert (landed.held_back, landed.counts["held_back"]) == ("no_time_zone", 1)
    project.source(time_zone="America/New_York")
    assert project.land_one().counts["landed"] == 1
    assert str(project.column("occurred_at")[0]) == "2026-03-10 14:00:00+00:00"


@pytest.mark.parametrize("value", ["yesterday", "2026-02-30T10:00:00Z", "10/03/2026", "infinity", "2026-03-10T25:00:00Z"])
def test_what_is_no_time_is_quarantined_by_its_value(project, value):
    project.source(time_zone="UTC").file("a.csv", [received(), answered(occurred_at=value)])
    project.land()
    assert project.rejects() == [(2, "invalid_time", "occurred_at", value)]


@pytest.mark.parametrize("value", ["9999-12-31T00:00:00Z", "0001-01-01", "1899-12-31T23:59:59Z"])
def test_a_sentinel_year_is_quarantined(project, value):
    project.source(time_zone="UTC").file("a.csv", [received(), answered(occurred_at=value)])
    project.land()
    assert project.rejects() == [(2, "time_out_of_range", "occurred_at", value)]


def test_a_line_feed_within_quotes_is_part_of_the_value(project):
    project.source("policies", log="policies").file(
        "a.csv", 'event_id,occurred_at,policy_version,event_type\n"p\n1",2026-01-01T00:00:00Z,"v ""1"", a",effective\n'
    )
    project.land()
    assert project.query("select event_id, policy_version from landing.policies") == [("p\n1", 'v "1", a')]


def test_a_nul_character_in_json_is_rejected_in_its_row_alone(project):
    row = '{"event_id":"%s","occurred_at":"2026-03-20T10:00:00Z","request_id":"r1","event_type":"fulfilled"}\n'
    project.file("a.jsonl", row % "e1" + row % "e2" + row % "e\0")
    landed = project.land_one()
    assert (landed.counts["landed"], landed.counts["quarantined"]) == (2, 1)


def test_a_corrected_revision_supersedes_whatever_the_order_of_arrival(project):
    project.file("a.csv", [answered(revision=2, occurred_at="2026-03-21T10:00:00Z")])
    project.file("b.csv", [answered(revision=1)])
    project.file("c.csv", [answered(revision=3)])
    assert [landed.counts["landed"] for landed in project.land()] == [1, 0, 0]
    assert project.query("select revision, collides from landing.requests order by batch_id") == [
        (2, False),
        (1, True),
        (3, True),
    ]


def test_instants_that_are_one_make_duplicates_whatever_their_offset(project):
    project.file("a.csv", [answered(occurred_at="2026-03-20T10:00:00Z"), answered(occurred_at="2026-03-20 11:00:00+01:00")])
    assert project.land_one().counts["duplicate"] == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event_id", "jane@example.org:received"),
        ("request_id", "+353 86 123 4567"),
        ("system", "123-45-6789"),
        ("request_id", "SSN-219-09-9999"),
        ("request_id", "caller219-09-9999-b"),
        ("evidence_ref", "mailto:dpo"),
        ("evidence_ref", "https://dms.example.org/?who=jane%40example.org"),
        ("purpose_codes", "marketing;jane@example.org"),
    ],
)
def test_a_person_in_an_identifier_is_rejected_and_not_repeated(project, column, value):
    project.file("a.csv", [received(), answered(**{column: value})])
    project.land()
    assert project.rejects() == [(2, "personal_data_in_identifier", column, None)]


@pytest.mark.parametrize(
    "value", ["1234567890", "2026-03-10-0001", "INC-2026-03-0042", "a+b", "v1.2.3-04", "550e8400-e29b-41d4-a716-446655440000"]
)
def test_an_ordinary_identifier_is_let_in(project, value):
    project.file("a.csv", [answered(request_id=value)])
    assert project.land_one().counts["landed"] == 1


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("jurisdiction", "Ireland", "invalid_place"),
        ("evidence_ref", "see the folder", "invalid_uri"),
        ("revision", "-1", "invalid_integer"),
        ("revision", "1.5", "invalid_integer"),
        ("purpose_codes", "[1, 2", "invalid_list"),
    ],
)
def test_a_value_of_the_wrong_form_is_quarantined(project, column, value, reason):
    project.file("a.csv", [answered(**{column: value})])
    project.land()
    assert project.rejects() == [(1, reason, column, value)]


@pytest.mark.parametrize("kind", ["varchar", "bigint", "hugeint", "double"])
def test_a_count_beyond_all_reason_is_quarantined(project, kind):
    """Sums over two counts of nine million million millions each left 64 bits, and no run ended any more."""
    import duckdb

    duckdb.sql(
        f"""copy (select 'e' || count as event_id, timestamptz '2026-03-10 10:00:00+00' as occurred_at,
        'cloudhost' as recipient_id, 'other' as reason_code, 'news' as purpose_code, ['usage'] as data_categories,
        'none' as consideration, count::{kind} as record_count
        from (values (100000000000), (100000000001), (0), (1)) as counts (count))
        to '{project.folder}/inbox/a.parquet' (format parquet)"""
    )
    project.source(log="disclosures").land()
    assert sorted(project.column("record_count", "disclosures")) == [1, 100_000_000_000]
    assert [(reason, column) for _, reason, column, _ in project.rejects()] == [("invalid_integer", "record_count")] * 2


def test_native_parquet_types_land_as_they_are(project):
    import duckdb

    duckdb.sql(
        f"""copy (select 'e1' as event_id, timestamptz '2026-03-10 10:00:00+00' as occurred_at, 'r1' as request_id,
        'extended' as event_type, ['a', 'b'] as purpose_codes, 3 as revision, date '2026-04-10' as declared_due_at)
        to '{project.folder}/inbox/a.parquet' (format parquet)"""
    )
    project.source(time_zone="America/New_York")
    project.land()
    assert project.query("select purpose_codes, revision, declared_due_at::text from landing.requests") == [
        (["a", "b"], 3, "2026-04-10 04:00:00+00")
    ]
