"""A search by reference finds requests, record sets, recipients and findings, each once, and nothing by a person."""

from __future__ import annotations

from opened_pages import ATTACKS

from dashboards.data import query, search
from dashboards.snapshots import Ref


def test_each_kind_is_found_by_its_reference_and_what_begins_with_it_stands_first(ref: Ref) -> None:
    wanted = {
        "request": "select request_key, request_id from marts.fct_requests order by 1 limit 1",
        "record": "select record_key, record_id from marts.fct_records order by 1 limit 1",
        "recipient": "select distinct recipient_id as key, recipient_id from marts.fct_disclosures order by 1 limit 1",
    }
    for kind, sql in wanted.items():
        key, name = query.first(ref, sql).values()
        found = search.found(ref, f" {str(name).upper()} ")
        assert (kind, key) in [(row["kind"], row["key"]) for row in found]
        names = [row["name"].casefold() for row in found if row["kind"] == kind]
        assert names[0].startswith(str(name).casefold())
        assert len(names) <= search.MOST
    (key,) = query.first(ref, "select finding_key from marts.fct_findings order by 1 limit 1").values()
    assert [row["key"] for row in search.found(ref, key)] == [key]


def test_too_little_nothing_known_and_a_person_find_nothing(ref: Ref) -> None:
    (person,) = query.first(ref, "select subject_key from marts.fct_requests limit 1").values()
    for words in ("", "R", "no-such-reference", person, *ATTACKS):
        assert search.found(ref, words) == [], words
