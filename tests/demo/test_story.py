"""What happened at Larkfield, counted from the files alone: the known answers that the marts are held against."""

from __future__ import annotations

from pathlib import Path

import promisekept.demo
from promisekept.policy import load_pack

PACK = Path(promisekept.demo.__file__).parent / "pack"
STOPS = "('erasure', 'objection', 'restriction', 'opt_out_sale_share')"


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


def test_requests_held_for_customers_are_passed_on_and_a_few_forgotten(inbox):
    for source in ("helpdesk", "privacy_portal"):
        held = inbox.count(source, "role = 'processor' and event_type = 'received'")
        passed_on = inbox.count(source, "event_type = 'forwarded_to_controller'")
        assert 0 < held - passed_on < held * 0.1


def test_a_vendor_goes_on_without_an_agreement_since_april_2026(inbox):
    pack = load_pack(PACK)
    (agreement,) = [row for row in pack.rows("agreements") if row["recipient_id"] == "transcribe_ai"]
    after = f"recipient_id = 'transcribe_ai' and occurred_at >= timestamptz '{agreement['valid_to']} 00:00:00-04:00'"
    assert inbox.count("disclosure_register", after) == 211


def test_the_data_warehouse_never_confirms_a_withdrawal(inbox):
    withdrawn = "event_type = 'withdrawn' and purpose_code = 'usage_analytics'"
    assert inbox.count("consent_platform", withdrawn) > 80
    assert inbox.count("consent_platform", "event_type = 'withdrawal_applied' and system = 'data_warehouse'") == 0
    assert inbox.count("consent_platform", "event_type = 'withdrawal_applied' and system = 'web_analytics'") > 80


def test_a_deletion_job_stopped_on_the_tenth_of_june_2026(inbox):
    (before, after, left) = inbox.ask(
        """
        with sets as (
            select
                record_id, any_value(data_category) as data_category, any_value(contract_ref) as contract_ref,
                min(occurred_at::timestamptz) filter (event_type = 'created') as created_at,
                max(occurred_at::timestamptz) filter (event_type = 'deleted') as deleted_at
            from record_catalogue group by record_id
        ),
        recordings as (select *, created_at + interval 90 days as delete_by from sets
            where data_category = 'call_recording' and contract_ref is null)
        select
            count(*) filter (delete_by between '2026-03-01' and '2026-06-01' and deleted_at is null),
            count(*) filter (delete_by between '2026-06-15' and '2026-09-30' and deleted_at >= '2026-06-11'),
            count(*) filter (delete_by < '2026-09-30' and deleted_at is null)
        from recordings
        """
    )[0]
    assert before == 0
    assert after < 25, "only erasures still delete"
    assert left > 100


def test_one_system_ignores_objections(inbox):
    (ignored,) = inbox.ask(
        f"""
        with objections as (
            select request_id from privacy_portal where event_type = 'received' and right_type = 'objection'
        ),
        granted as (
            select request_id, min(occurred_at::timestamptz) as closed_at from privacy_portal
            semi join objections using (request_id) where event_type = 'fulfilled' group by request_id
        ),
        persons as (
            select customers.other_ref as customer_id, min(closed_at) as closed_at from granted
            inner join privacy_portal as letters on letters.request_id = granted.request_id and letters.event_type = 'received'
                and letters.right_type in {STOPS}
            inner join identity_links as customers on customers.subject_ref = letters.subject_ref
            where customers.other_ref_type = 'customer_id'
            group by 1
        )
        select list(distinct system) from processing_register as acts
        inner join persons on persons.customer_id = acts.subject_ref
        where occurred_at > closed_at
        """
    )[0]
    assert ignored == ["marketing_mail"]


def test_a_change_of_policy_was_told_too_late(inbox):
    told = inbox.ask(
        "select sum(notified_count) filter (occurred_at::timestamptz < '2026-08-01 04:00:00+00'), max(audience_size)"
        " from policy_site where policy_version = '2026-08' and event_type = 'change_notified'"
    )
    assert told == [(2110, 8640)]


def test_one_breach_was_notified_late(inbox):
    late = inbox.ask(
        """
        select incident_id from incident_desk group by incident_id
        having max(occurred_at::timestamptz) filter (event_type = 'authority_notified')
            > max(occurred_at::timestamptz) filter (event_type = 'detected') + interval 72 hours
        """
    )
    assert late == [("INC-2602",)]


def test_one_record_was_destroyed_under_a_hold_and_three_came_back(inbox):
    destroyed = inbox.ask(
        """
        select count(*) from (
            select
                max(occurred_at) filter (event_type = 'hold_placed') as placed_at,
                max(occurred_at) filter (event_type = 'hold_released') as released_at,
                max(occurred_at) filter (event_type = 'deleted') as deleted_at
            from record_catalogue group by record_id
        ) where placed_at < deleted_at and (released_at is null or deleted_at < released_at)
        """
    )
    back = inbox.ask(
        """
        select count(distinct record_id) from inventory_scanner as scans
        where exists (
            from record_catalogue as events where events.record_id = scans.record_id and events.event_type = 'deleted'
            and events.occurred_at::timestamptz < scans.occurred_at)
        """
    )
    assert (destroyed, back) == ([(1,)], [(3,)])


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
