"""What happened at Larkfield, counted from the files alone.

Not here: what the marts hold of its stories (test_known_answers.py).
"""

from __future__ import annotations

from pathlib import Path

import promisekept.demo
from promisekept.policy import load_pack

PACK = Path(promisekept.demo.__file__).parent / "pack"


def received(inbox, columns="request_id, right_type"):
    query = f"select distinct {columns} from {{}} where event_type = 'received'"
    both = " union all ".join(query.format(source) for source in ("helpdesk", "privacy_portal"))
    return inbox.ask(f"select count(*) from ({both})")[0][0]


def test_about_a_hundred_thousand_events(inbox):
    sources = (
        "helpdesk", "privacy_portal", "consent_platform", "disclosure_register", "record_catalogue", "inventory_scanner",
        "notice_log", "processing_register", "incident_desk", "policy_site", "identity_links",
    )  # fmt: skip
    assert 90_000 < sum(inbox.count(source) for source in sources) + 2 * len(inbox.legacy) < 110_000


def test_requests_received(inbox):
    cases = [case for case in inbox.legacy if case["Status"] != "Draft"]
    assert len(cases) == 509
    assert received(inbox, "request_id") + len(cases) == 11_400
    assert received(inbox) + len(cases) == 12_094


def test_each_quarter_has_requests_enough_for_its_figures(inbox):
    rows = inbox.ask(
        """
        select quarter(moment), count(*) from (
            select occurred_at::timestamptz as moment from helpdesk where event_type = 'received'
            union all
            select occurred_at::timestamptz from privacy_portal where event_type = 'received'
        ) where moment >= '2026-01-01' group by 1
        """
    )
    assert all(1500 < count < 2500 for _, count in rows), rows


def test_answers_to_cases_that_nobody_saw_arrive(inbox):
    strays = "request_id like 'HD-99%'"
    assert inbox.count("helpdesk", strays) > 0
    assert inbox.count("helpdesk", f"{strays} and event_type = 'received'") == 0


def test_three_requests_come_from_a_place_without_a_rule(inbox):
    found = inbox.count("helpdesk", "jurisdiction = 'NG'") + inbox.count("privacy_portal", "jurisdiction = 'NG'")
    assert found == 3


def test_every_code_is_one_of_the_pack(inbox):
    pack = load_pack(PACK)

    def strangers(register, column, *queries):
        known = pack.registers[register].codes(column)
        return {code for query in queries for (code,) in inbox.ask(query) if code} - known

    purposes = [
        f"select distinct purpose_code from {source}"
        for source in ("consent_platform", "disclosure_register", "processing_register")
    ]
    lists = [
        f"select distinct unnest(data_categories) from {source}" for source in ("disclosure_register", "processing_register")
    ]
    lists.append("select distinct unnest(string_split(data_categories, ';')) from notice_log")
    assert strangers("purposes", "purpose_code", *purposes) == set()
    assert strangers("data_categories", "data_category", *lists) == set()
    assert strangers("recipients", "recipient_id", "select distinct recipient_id from disclosure_register") == set()
    systems = [
        f"select distinct system from {source}" for source in ("consent_platform", "processing_register", "record_catalogue")
    ]
    assert strangers("systems", "system", *systems) == set()


def test_no_event_is_named_after_the_customer_whom_it_is_about(inbox):
    """The id of a link once was its customer's number: a rejected row showed it in clear."""
    ((links, own),) = inbox.ask(
        """select count(*), count(*) filter (where right(event_id, 4) = right(other_ref, 4)) from identity_links
        where other_ref_type = 'customer_id'"""
    )
    assert links > 8000
    assert own < 20
