"""Ticket systems: what each of their words becomes, and that no other word is guessed."""

import pytest


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


def test_a_solved_ticket_is_quarantined_until_its_owner_says_what_that_means(created):
    project = created("zendesk", country="US", time_zone="America/New_York")
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
    assert project.events() == {"35436": ["received", "reopened"]}
    assert project.query("select right_type, jurisdiction, channel from landing.requests where event_type = 'received'") == [
        ("erasure", "US-CA", "email")
    ]
    assert project.rejects() == {
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
    assert project.events()["35436"] == ["received", "reopened", "fulfilled"]


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
def test_the_ways_by_which_a_ticket_comes(created, channel, becomes):
    project = created("zendesk")
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


def test_a_resolution_ends_an_issue_as_its_owner_says_and_taking_it_back_reopens_it(created):
    project = created("jira")
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
    assert project.events() == {"P-1": ["received", "excluded duplicate", "reopened"], "P-2": ["received"]}
    assert project.query("select occurred_at::text from landing.requests where event_type = 'reopened'") == [
        ("2026-03-03 08:00:00+00",)
    ]
    assert project.rejects() == {
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
    assert project.events()["P-4"] == ["received", "fulfilled"]
