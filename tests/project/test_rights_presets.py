"""What exchanges rights requests: what each status becomes, and that no other one is guessed."""

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


def test_every_status_of_transcend_is_read_on_purpose_or_quarantined_by_its_name(created):
    project = created("transcend-csv")
    project.file("transcend", "1.csv", [transcend(status, status) for status in STATUSES])
    project.land()
    assert project.events() == STATUSES
    assert project.rejects() == {"CANCELED": ["event_type=CANCELED"], "INVENTED": ["event_type=INVENTED"]}


def test_every_type_and_origin_of_transcend_is_read_on_purpose_or_quarantined_by_its_name(created):
    project = created("transcend-csv")
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
    assert project.rejects() == {kind: [f"right_type={kind}"] for kind in unknown} | {"DROP": ["channel=DROP"]}


def test_a_test_of_transcend_is_left_out_and_what_did_not_change_says_nothing_new(created):
    project = created("transcend-csv")
    project.file("transcend", "1.csv", [transcend("a", "WAITING", **{"Is Test Request": "true"}), transcend("b", "WAITING")])
    project.land()
    project.file("transcend", "2.csv", [transcend("a", "WAITING", **{"Is Test Request": "true"}), transcend("b", "REVOKED")])
    (second,) = project.land()
    assert (second.counts["skipped"], second.counts["mapped"]) == (1, 1)
    assert project.events()["a"] == ["excluded test", "received"]
    assert project.query("select occurred_at::date::text from landing.requests where reason_code = 'duplicate'") == [
        ("2026-07-02",)
    ]


def drp(request="r1", status="open", reason=""):
    row = {"request_id": request, "received_at": "2026-03-01T00:00:00Z", "status": status, "expected_by": "2026-04-15T00:00:00Z"}
    return row | ({"reason": reason} if reason else {})


def test_every_status_and_reason_of_the_data_rights_protocol(created):
    project = created("data-rights-protocol", country="US", time_zone="America/New_York")
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
    assert project.events() == {f"{status}-{reason}": row for (status, reason), row in expected.items() if row}
    assert project.rejects() == {
        "denied-": ["reason_code=null"],
        "denied-invented": ["reason_code=invented"],
        "expired-": ["event_type=expired"],
        "invented-": ["event_type=invented"],
    }


def test_every_action_of_the_data_rights_protocol(created):
    project = created("data-rights-protocol")
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
    assert project.rejects() == {"sale:opt_in": ["right_type=sale:opt_in"]}
