"""A second identifier beside a person becomes links, without either identifier anywhere."""

import hashlib

import pytest
from source_project import answered, received

from promisekept.errors import ConfigError
from promisekept.sources.landing.dry_run import dry_run
from promisekept.sources.landing.reland import reland

LINKS = {"column": "customer_number", "type": "customer_id"}


def links(project):
    return project.query(
        "select subject_key, subject_ref_type, other_key, other_ref_type, occurred_at::varchar, source, namespace "
        "from landing.subject_links order by occurred_at, other_key"
    )


def line_of(project, source):
    return next(line.body for line in project.ledger.lines("batch") if line.body["source"] == source)


def everything_at_rest(project) -> bytes:
    return b"".join(path.read_bytes() for path in (project.folder / "home").rglob("*") if path.is_file())


def test_a_row_that_names_its_person_twice_lands_as_itself_and_as_a_link(project):
    project.source(links=LINKS)
    project.file("a.csv", [received(customer_number="C-1077"), answered()])
    assert [(one.source, one.counts["landed"]) for one in project.land()] == [("helpdesk", 2), ("helpdesk_links", 1)]
    jane, number = project.key.subject("email", "jane@example.org"), project.key.subject("customer_id", "C-1077")
    assert links(project) == [
        (jane, "email", number, "customer_id", "2026-03-10 10:00:00+00", "helpdesk_links", "helpdesk")
    ]  # fmt: skip
    assert project.column("subject_key") == [jane, None]
    counts = line_of(project, "helpdesk_links")["counts"]
    assert (counts["source_rows"], counts["mapped"], counts["unmapped"], counts["read"]) == (2, 1, 1, 1)
    assert project.land() == []


def test_neither_identifier_is_anywhere_and_the_id_is_made_of_both_keys_and_the_instant(project):
    project.source(links=LINKS)
    project.file("a.csv", [received(customer_number="C-1077")])
    project.land()
    jane, number = project.key.subject("email", "jane@example.org"), project.key.subject("customer_id", "C-1077")
    instant = 1773136800000000
    expected = hashlib.sha256(f"{jane}{number}{instant}".encode()).hexdigest()[:32]
    assert project.column("event_id", "subject_links") == [f"link-{expected}"]
    at_rest = everything_at_rest(project)
    assert b"jane@example.org" not in at_rest
    assert b"C-1077" not in at_rest
    assert hashlib.sha256(b"C-1077").hexdigest()[:16].encode() not in at_rest


def test_the_same_link_delivered_again_is_a_duplicate_and_at_another_instant_one_more(project):
    project.source(links=LINKS)
    project.file("a.csv", [received(customer_number="C-1"), received(event_id="e9", customer_number=" c-1 ")])
    project.land()
    project.file("b.csv", [received(event_id="e3", customer_number="C-1", occurred_at="2026-04-01T00:00:00Z"),
                           received(event_id="e4", customer_number="C-1")])  # fmt: skip
    _, again = project.land()
    assert (again.counts["landed"], again.counts["duplicate"]) == (1, 1)
    assert [row[4] for row in links(project)] == ["2026-03-10 10:00:00+00", "2026-04-01 00:00:00+00"]


def test_links_come_of_what_a_mapping_yields_beside_a_column_that_it_leaves_out(project):
    project.mapping(
        "select _row, id as event_id, opened as occurred_at, mail as subject_ref, id as request_id, 'access' as right_type, "
        "'received' as event_type, 'IE' as jurisdiction, 'email' as channel from source where kind = 'case'",
        links={"column": "phone", "type": "phone"},
        defaults={"subject_ref_type": "email"},
        formats={"occurred_at": "%d.%m.%Y"},
        time_zone="Europe/Dublin",
        skip="kind = 'draft'",
    )
    project.file("a.csv", [
        {"id": "1", "opened": "01.03.2026", "mail": "jane@example.org", "phone": "+353 1 234567", "kind": "case"},
        {"id": "2", "opened": "02.03.2026", "mail": "joe@example.org", "phone": "", "kind": "case"},
        {"id": "3", "opened": "02.03.2026", "mail": "jim@example.org", "phone": "+353 1 999999", "kind": "draft"},
        {"id": "4", "opened": "someday", "mail": "jill@example.org", "phone": "+353 1 888888", "kind": "case"},
    ])  # fmt: skip
    project.land()
    jane, phone = project.key.subject("email", "jane@example.org"), project.key.subject("phone", "+353 1 234567")
    assert [row[:5] for row in links(project)] == [(jane, "email", phone, "phone", "2026-03-01 00:00:00+00")]
    assert [row[:3] for row in project.rejects()] == [(4, "invalid_time", "occurred_at")] * 2
    counts = line_of(project, "helpdesk_links")["counts"]
    assert (counts["skipped"], counts["unmapped"], counts["quarantined"]) == (1, 1, 1)
    assert b"999999" not in everything_at_rest(project)


def test_parquet_json_and_ignored_columns_link_as_csv_does(project):
    project.source(links=LINKS, reader={"ignore_columns": ["customer_number", "note"]})
    project.file("a.csv", [received(customer_number="C-1", note="x")])
    project.file(
        "b.jsonl",
        b'{"event_id":"e2","occurred_at":"2026-03-11T10:00:00Z","request_id":"r2","event_type":"fulfilled",'
        b'"subject_ref":"joe@example.org","subject_ref_type":"email","customer_number":"C-2","note":"y"}\n',
    )
    project.land()
    assert [row[2] for row in links(project)] == [project.key.subject("customer_id", number) for number in ("C-1", "C-2")]


def test_links_are_tried_mapped_again_and_rejected_like_everything_else(project):
    project.source(links=LINKS)
    project.file("a.csv", [received(customer_number="C-1")])
    settings = project.settings
    assert dry_run(settings, settings.source("helpdesk_links"), project.now).counts["landed"] == 1
    project.land()
    (again,) = reland(settings, project.ledger, "helpdesk_links", reason="fixed", now=project.now)
    assert (again.log, again.counts["landed"]) == ("subject_links", 1)
    assert len(links(project)) == 1


def test_a_file_without_the_column_holds_its_links_back_and_lands_all_the_same(project):
    project.source(links=LINKS)
    project.file("a.csv", [received()])
    assert [(one.source, one.held_back) for one in project.land()] == [("helpdesk", None), ("helpdesk_links", "missing_column")]


def test_a_file_held_back_for_its_second_identifier_lands_once_that_is_named(project):
    project.source()
    project.file("a.csv", [received(customer_number="C-1")])
    assert project.land_one().held_back == "unknown_column"
    project.source(links=LINKS)
    assert [one.counts["landed"] for one in project.land()] == [1, 1]


def test_what_landed_before_there_were_links_is_read_for_them_alone(project):
    project.source(reader={"ignore_columns": ["customer_number"]})
    project.file("a.csv", [received(customer_number="C-1")])
    project.land()
    project.source(reader={"ignore_columns": ["customer_number"]}, links=LINKS)
    assert [one.source for one in project.land()] == ["helpdesk_links"]
    assert len(links(project)) == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"links": {"column": "a", "type": "name"}}, "links.type"),
        ({"links": LINKS, "log": "incidents"}, "`links` needs a log whose rows are of one person; `incidents` is none"),
        ({"linking": LINKS}, "`linking` is no key; use `links`"),
    ],
)
def test_links_that_can_not_be_are_rejected(project, keys, message):
    project.source(**keys)
    with pytest.raises(ConfigError) as refused:
        assert project.settings
    assert message in str(refused.value)


def test_the_name_of_a_source_of_links_is_taken(project):
    project.source(links=LINKS)
    project.source("helpdesk_links", "subject_links")
    with pytest.raises(ConfigError, match="`helpdesk_links` is used twice"):
        assert project.settings
