"""Ticket systems and case trackers: what each of their words becomes, and that no other word is guessed."""

import pytest

WIDE = {
    "case_id": "c1",
    "right_type": "access",
    "person": "jane@example.org",
    "jurisdiction": "IE",
    "channel": "email",
    "received_at": "2026-03-01",
    "acknowledged_at": "2026-03-02",
    "identity_requested_at": "2026-03-03",
    "identity_verified_at": "2026-03-04",
    "clarification_requested_at": "2026-03-05",
    "clarification_received_at": "2026-03-06",
    "extended_at": "2026-03-20",
    "extension_reason": "complexity",
    "closed_at": "2026-05-01",
    "outcome": "denied",
    "reason": "exempt",
    "due_at": "2026-04-01",
    "updated_at": "2026-05-01T10:00:00Z",
}


def wide(**changes):
    blank = dict.fromkeys(WIDE, "") | {
        name: WIDE[name] for name in ("case_id", "right_type", "person", "received_at", "updated_at")
    }
    return blank | changes


def test_a_wide_case_becomes_an_event_for_each_of_its_dates(made):
    project = made("wide-cases")
    project.file("cases", "cases.csv", [WIDE])
    project.land()
    assert project.told()["c1"] == [
        "received",
        "acknowledged",
        "identity_requested",
        "identity_verified",
        "clarification_requested",
        "clarification_received",
        "extended complexity",
        "denied exempt",
    ]
    assert project.refused() == {}


def test_a_wide_case_that_was_corrected_replaces_what_was_said_before(made):
    project = made("wide-cases")
    project.file("cases", "1.csv", [wide()])
    project.land()
    project.file("cases", "2.csv", [wide(closed_at="2026-03-09", outcome="fulfilled", updated_at="2026-03-09T00:00:00Z")])
    project.land()
    assert project.told()["c1"] == ["received", "received", "fulfilled"]
    assert project.query("select count(distinct revision) from landing.requests where event_type = 'received'") == [(2,)]


def test_an_outcome_of_ones_own_is_quarantined_by_its_name(made):
    project = made("wide-cases")
    project.file("cases", "1.csv", [wide(closed_at="2026-03-09", outcome="Erledigt"), wide(case_id="c2", closed_at="2026-03-09")])
    project.land()
    assert project.refused() == {"c1": ["event_type=Erledigt"], "c2": ["event_type=closed"]}


STATUSES = {
    "COMPLETED": ["received", "fulfilled"],
    "DOWNLOADABLE": ["received", "fulfilled"],
    "VIEW_CATEGORIES": ["received", "fulfilled"],
    "SECONDARY_COMPLETED": ["received", "fulfilled"],
    "FAILED_VERIFICATION": ["received", "denied identity_not_verified"],
    "REVOKED": ["received", "excluded duplicate"],
    "CANCELED": ["received"],
    "REQUEST_MADE": ["received"],
    "ENRICHING": ["received"],
    "ON_HOLD": ["received"],
    "WAITING": ["received"],
    "COMPILING": ["received"],
    "APPROVING": ["received"],
    "DELAYED": ["received"],
    "SECONDARY": ["received"],
    "SECONDARY_APPROVING": ["received"],
    "INVENTED": ["received"],
}


def transcend(key, status="COMPLETED", kind="ACCESS", **changes):
    done = "2026-03-20T10:00:00.000Z" if STATUSES.get(status) == ["received", "fulfilled"] else ""
    return {
        "Request ID": key,
        "Created At": "2026-03-01T10:00:00.000Z",
        "Successfully Completed At": done,
        "Email": "jane@example.org",
        "Core Identifier": "",
        "Request Type": kind,
        "Data Subject Type": "customer",
        "Status": status,
        "Country": "US",
        "Country Sub Division": "US-CA",
        "Details": "free text of a person, jane@example.org",
        "Origin": "PRIVACY_CENTER",
        "Silent Mode": "false",
        "Is Test Request": "false",
        "Language": "en",
        "Purpose Trigger Name": "",
        "Purpose Trigger Value": "",
        "favourite colour": "an attribute of ones own",
    } | changes


def test_every_status_of_transcend_is_read_on_purpose_or_quarantined_by_its_name(made):
    project = made("transcend-csv")
    project.file("transcend", "1.csv", [transcend(status, status) for status in STATUSES])
    project.land()
    assert project.told() == STATUSES
    assert project.refused() == {"CANCELED": ["event_type=CANCELED"], "INVENTED": ["event_type=INVENTED"]}


def test_every_type_and_origin_of_transcend_is_read_on_purpose_or_quarantined_by_its_name(made):
    project = made("transcend-csv")
    rights = {
        "ACCESS": "access",
        "ERASURE": "erasure",
        "RECTIFICATION": "rectification",
        "RESTRICTION": "restriction",
        "SALE_OPT_OUT": "opt_out_sale_share",
        "AUTOMATED_DECISION_MAKING_OPT_OUT": "automated_decision",
        "USE_OF_SENSITIVE_INFORMATION_OPT_OUT": "limit_sensitive",
    }
    unknown = ("BUSINESS_PURPOSE", "PLACE_ON_LEGAL_HOLD", "REMOVE_FROM_LEGAL_HOLD", "SALE_OPT_IN", "INVENTED")
    channels = {"PRIVACY_CENTER": "web_form", "ADMIN_DASHBOARD": "web_form", "API": "web_form", "SHOPIFY": "web_form"}
    project.file(
        "transcend",
        "1.csv",
        [transcend(kind, "WAITING", kind) for kind in (*rights, *unknown)]
        + [transcend(origin, "WAITING", Origin=origin) for origin in (*channels, "DROP")],
    )
    project.land()
    landed = project.query("select request_id, right_type, channel from landing.requests")
    assert {key: right for key, right, _ in landed if key in rights} == rights
    assert {key: channel for key, _, channel in landed if key in channels} == channels
    assert project.refused() == {kind: [f"right_type={kind}"] for kind in unknown} | {"DROP": ["channel=DROP"]}


def test_a_test_of_transcend_is_left_out_and_what_did_not_change_says_nothing_new(made):
    project = made("transcend-csv")
    project.file("transcend", "1.csv", [transcend("a", "WAITING", **{"Is Test Request": "true"}), transcend("b", "WAITING")])
    project.land()
    project.file("transcend", "2.csv", [transcend("a", "WAITING", **{"Is Test Request": "true"}), transcend("b", "REVOKED")])
    (second,) = project.land()
    assert (second.counts["skipped"], second.counts["mapped"]) == (1, 1)
    assert project.told()["a"] == ["excluded test", "received"]
    assert project.query("select occurred_at::date::text from landing.requests where reason_code = 'duplicate'") == [
        ("2026-07-02",)
    ]


def drp(request="r1", status="open", reason=""):
    told = {"request_id": request, "received_at": "2026-03-01T00:00:00Z", "status": status, "expected_by": "2026-04-15T00:00:00Z"}
    return told | ({"reason": reason} if reason else {})


def test_every_status_and_reason_of_the_data_rights_protocol(made):
    project = made("data-rights-protocol", country="US", time_zone="America/New_York")
    expected = {
        ("open", ""): None,
        ("in_progress", ""): ["acknowledged"],
        ("in_progress", "need_user_verification"): ["identity_requested"],
        ("fulfilled", ""): ["fulfilled"],
        ("revoked", ""): ["withdrawn"],
        ("denied", "suspected_fraud"): ["denied other"],
        ("denied", "insuf_verification"): ["denied identity_not_verified"],
        ("denied", "insufficient_verification"): ["denied identity_not_verified"],
        ("denied", "no_match"): ["denied no_data"],
        ("denied", "claim_not_covered"): ["denied exempt"],
        ("denied", "outside_jurisdiction"): ["denied other"],
        ("denied", "too_many_requests"): ["denied excessive"],
        ("denied", "other"): ["denied other"],
        ("denied", "invented"): None,
        ("denied", ""): None,
        ("expired", ""): None,
        ("invented", ""): None,
    }
    project.file("drp_statuses", "1.jsonl", [drp(f"{status}-{reason}", status, reason) for status, reason in expected])
    project.land()
    assert project.told() == {f"{status}-{reason}": told for (status, reason), told in expected.items() if told}
    assert project.refused() == {
        "denied-": ["reason_code=null"],
        "denied-invented": ["reason_code=invented"],
        "expired-": ["event_type=expired"],
        "invented-": ["event_type=invented"],
    }


def test_every_action_of_the_data_rights_protocol(made):
    project = made("data-rights-protocol")
    rights = {
        "deletion": "erasure",
        "access": "access",
        "access:categories": "access",
        "access:specific": "access",
        "sale:opt_out": "opt_out_sale_share",
    }
    project.file(
        "drp_requests",
        "1.jsonl",
        [
            {
                "request_id": action,
                "issued-at": "2026-03-01T00:00:00Z",
                "exercise": action,
                "regime": "ccpa",
                "email": "jane@example.org",
            }
            for action in (*rights, "sale:opt_in")
        ],
    )
    project.land()
    landed = project.query("select request_id, right_type, jurisdiction, channel from landing.requests")
    assert {row[0]: row[1] for row in landed} == rights
    assert {row[2:] for row in landed} == {("US-CA", "agent")}
    assert project.refused() == {"sale:opt_in": ["right_type=sale:opt_in"]}


def transition(number, event, metadata="{}", case="1"):
    return {"id": number, "case_id": case, "event": event, "metadata": metadata, "created_at": f"2026-03-{number:02} 10:00:00"}


def test_a_case_tracker_is_read_by_what_its_events_say_in_law(made):
    project = made("case-transitions", country="GB", time_zone="Europe/London")
    case = {
        "id": "1",
        "type": "Case::SAR::Standard",
        "received_date": "2026-03-01",
        "delivery_method": "sent_by_post",
        "subject_reference": "P-77",
        "external_deadline": "2026-04-01",
        "updated_at": "2026-03-01 09:00:00",
    }
    project.file("cases", "1.csv", [case, case | {"id": "2", "type": "Case::FOI::Standard"}])
    project.file(
        "case_transitions",
        "1.csv",
        [
            transition(2, "assign_responder"),
            transition(3, "send_acknowledgement_letter"),
            transition(4, "stop_the_clock"),
            transition(5, "restart_the_clock"),
            transition(6, "extend_sar_deadline"),
            transition(7, "remove_sar_deadline_extension"),
            transition(8, "close", '{"outcome": "denied", "reason": "no_data"}'),
            transition(9, "respond", case="3"),
            transition(10, "close", case="4"),
            transition(11, "destroy_case", case="4"),
            transition(12, "brand_new_event", case="4"),
            transition(13, "respond_and_close", case="5"),
        ],
    )
    landed = {one.source: one.counts for one in project.land()}
    assert project.told() == {
        "1": [
            "received",
            "acknowledged",
            "clarification_requested",
            "clarification_received",
            "extended complexity",
            "extension_revoked",
            "denied no_data",
        ],
        "3": ["fulfilled"],
        "5": ["fulfilled"],
    }
    assert project.refused() == {
        "2": ["right_type=Case::FOI::Standard"],
        "4": ["event_type=brand_new_event", "event_type=close", "event_type=destroy_case"],
    }
    assert landed["tracker_transitions"]["skipped"] == 1


def ticket(key=35436, tags=("right_erasure", "place_us_ca"), channel="email"):
    return {
        "id": key,
        "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-02T09:00:00Z",
        "status": "open",
        "requester_id": 20978392,
        "tags": list(tags),
        "via": {"channel": channel},
        "subject": "Delete me, jane@example.org",
        "custom_fields": [{"id": 1, "value": "x"}],
    }


def changed(number, *values, key=35436):
    return {
        "id": number,
        "ticket_id": key,
        "created_at": f"2026-03-{number:02}T10:00:00Z",
        "event_type": "Audit",
        "child_events": [
            {"id": number * 100 + place, "event_type": "Change", "status": now, "previous_value": before}
            for place, (before, now) in enumerate(values)
        ]
        + [{"id": 1, "event_type": "Comment", "body": "Dear Jane"}, {"id": 2, "event_type": "Change", "subject": "x"}],
    }


def test_a_solved_ticket_is_quarantined_until_its_owner_says_what_that_means(made):
    project = made("zendesk", country="US", time_zone="America/New_York")
    project.file("zendesk_tickets", "1.jsonl", [ticket(), ticket(2, tags=["vip"]), ticket(3, channel="fax")])
    life = [
        changed(3, ("new", "open")),
        changed(4, ("open", "pending")),
        changed(5, ("pending", "hold")),
        changed(6, ("hold", "solved")),
        changed(7, ("solved", "open")),
        changed(8, ("open", "solved")),
        changed(9, ("solved", "closed")),
        changed(10, ("closed", "deleted")),
        changed(11, ("open", "waiting_for_legal")),
    ]
    project.file("zendesk_events", "1.jsonl", life)
    project.land()
    assert project.told() == {"35436": ["received", "reopened"]}
    assert project.query("select right_type, jurisdiction, channel from landing.requests where event_type = 'received'") == [
        ("erasure", "US-CA", "email")
    ]
    assert project.refused() == {
        "2": ["right_type=no tag right_..."],
        "3": ["channel=fax"],
        "35436": ["event_type=deleted", "event_type=solved", "event_type=solved", "event_type=waiting_for_legal"],
    }
    project.answer(
        "mappings/zendesk_events.sql",
        "else status end as event_type",
        "when status = 'solved' then 'fulfilled' else status end as event_type",
    )
    project.file("zendesk_events", "2.jsonl", [changed(12, ("open", "solved"))])
    project.land()
    assert project.told()["35436"] == ["received", "reopened", "fulfilled"]


@pytest.mark.parametrize(
    ("channel", "becomes"),
    [
        ("web", "web_form"),
        ("web_widget", "web_form"),
        ("api", "web_form"),
        ("voice", "phone"),
        ("mobile", "in_app"),
        ("mobile_sdk", "in_app"),
        ("native_messaging", "in_app"),
        ("chat", "in_app"),
    ],
)
def test_the_ways_by_which_a_ticket_comes(made, channel, becomes):
    project = made("zendesk")
    project.file("zendesk_tickets", "1.jsonl", [ticket(channel=channel)])
    project.land()
    assert project.query("select channel from landing.requests") == [(becomes,)]


def issue(key, *resolutions, labels=("right-access", "place-ie"), reporter=None):
    return {
        "id": "10001",
        "key": key,
        "fields": {
            "created": "2026-03-01T09:00:00.000+0000",
            "updated": "2026-03-09T09:00:00.000+0000",
            "labels": list(labels),
            "reporter": reporter or {"emailAddress": "jane@example.org", "accountId": "5b10"},
            "summary": "about Jane",
        },
        "changelog": {
            "histories": [
                {
                    "id": f"{key}{place}",
                    "created": f"2026-03-{place + 2:02}T09:00:00.000+0100",
                    "items": [
                        {"field": "status", "fromString": "To Do", "toString": "Done"},
                        {"field": "resolution", "fromString": before, "toString": after},
                    ],
                }
                for place, (before, after) in enumerate(resolutions)
            ]
        },
    }


def test_a_resolution_ends_an_issue_as_its_owner_says_and_taking_it_back_reopens_it(made):
    project = made("jira")
    project.file(
        "jira",
        "1.jsonl",
        [
            issue("P-1", (None, "Duplicate"), ("Duplicate", None), (None, "Done")),
            issue("P-2", (None, "Won't Do"), reporter={"accountId": "5b10"}),
            issue("P-3", labels=[]),
        ],
    )
    project.land()
    assert project.told() == {"P-1": ["received", "excluded duplicate", "reopened"], "P-2": ["received"]}
    assert project.query("select occurred_at::text from landing.requests where event_type = 'reopened'") == [
        ("2026-03-03 08:00:00+00",)
    ]
    assert project.refused() == {
        "P-1": ["event_type=Done"],
        "P-2": ["event_type=Won't Do"],
        "P-3": ["right_type=no label right-..."],
    }
    project.answer(
        "mappings/jira_issues.sql",
        "('Duplicate', 'excluded', 'duplicate')",
        "('Duplicate', 'excluded', 'duplicate'), ('Done', 'fulfilled', null)",
    )
    project.file("jira", "2.jsonl", [issue("P-4", (None, "Done"))])
    project.land()
    assert project.told()["P-4"] == ["received", "fulfilled"]


CORE = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"


def test_consent_strings_become_an_answer_per_purpose(made):
    project = made("consent-strings")
    row = {
        "record_id": "1",
        "device": "d1",
        "recorded_at": "2026-03-01T10:00:00Z",
        "jurisdiction": "IE",
        "notice_id": "n1",
        "policy_version": "v1",
    }
    project.file("tcf", "1.csv", [row | {"tc_string": CORE}, row | {"record_id": "2", "tc_string": CORE[:20]}])
    project.file(
        "gpp",
        "1.csv",
        [
            row | {"gpp_string": "DBABBg~BUUAAACA.YA"},
            row | {"record_id": "2", "gpp_string": "DBABBg~BUoAAAJA.QA"},
            row | {"record_id": "3", "gpp_string": "DBABjw~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN"},
            row | {"record_id": "4", "gpp_string": "nonsense"},
        ],
    )
    project.land()
    tcf = project.query("select purpose_code, event_type from landing.consents where source = 'tcf_strings'")
    assert {purpose for purpose, event in tcf if event == "given"} == {"tcf_1", "tcf_2", "tcf_3"}
    assert {purpose for purpose, event in tcf if event == "refused"} == {f"tcf_{number}" for number in range(4, 12)}
    gpp = project.query("select event_id, event_type, mechanism from landing.consents where source = 'gpp_strings' order by 1")
    assert gpp == [
        ("gpp:1:sale", "refused", "gpc"),
        ("gpp:1:sharing", "refused", "gpc"),
        ("gpp:2:sale", "shown", "banner"),
        ("gpp:2:sharing", "shown", "banner"),
        ("gpp:3:sale", "shown", "banner"),
    ]
    why = project.query("select distinct value from landing.quarantine order by 1")
    assert why == [("section 5",), ("unreadable: it does not begin with a GPP header",), ("unreadable: it ends too early",)]
