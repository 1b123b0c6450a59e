"""Tables of cases and of their transitions: what each of their words becomes, and that no other word is guessed."""

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


def test_a_wide_case_becomes_an_event_for_each_of_its_dates(created):
    project = created("wide-cases")
    project.file("cases", "cases.csv", [WIDE])
    project.land()
    assert project.events()["c1"] == [
        "received",
        "acknowledged",
        "identity_requested",
        "identity_verified",
        "clarification_requested",
        "clarification_received",
        "extended complexity",
        "denied exempt",
    ]
    assert project.rejects() == {}


def test_a_wide_case_that_was_corrected_replaces_what_was_said_before(created):
    project = created("wide-cases")
    project.file("cases", "1.csv", [wide()])
    project.land()
    project.file("cases", "2.csv", [wide(closed_at="2026-03-09", outcome="fulfilled", updated_at="2026-03-09T00:00:00Z")])
    project.land()
    assert project.events()["c1"] == ["received", "received", "fulfilled"]
    assert project.query("select count(distinct revision) from landing.requests where event_type = 'received'") == [(2,)]


def test_an_outcome_of_ones_own_is_quarantined_by_its_name(created):
    project = created("wide-cases")
    project.file("cases", "1.csv", [wide(closed_at="2026-03-09", outcome="Erledigt"), wide(case_id="c2", closed_at="2026-03-09")])
    project.land()
    assert project.rejects() == {"c1": ["event_type=Erledigt"], "c2": ["event_type=closed"]}


def transition(number, event, metadata="{}", case="1"):
    return {"id": number, "case_id": case, "event": event, "metadata": metadata, "created_at": f"2026-03-{number:02} 10:00:00"}


def test_a_case_tracker_is_read_by_what_its_events_say_in_law(created):
    project = created("case-transitions", country="GB", time_zone="Europe/London")
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
    assert project.events() == {
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
    assert project.rejects() == {
        "2": ["right_type=Case::FOI::Standard"],
        "4": ["event_type=brand_new_event", "event_type=close", "event_type=destroy_case"],
    }
    assert landed["tracker_transitions"]["skipped"] == 1
