"""The fides preset on a PostgreSQL server: a query returns what an export holds, and only what changed comes again."""

import pytest
from fides_database import Fides, definitions
from postgres_server import postgres

RECEIVED = "2026-03-10T10:00:00+00:00"


def database() -> Fides:
    fides = Fides()
    fides.request("both", "pending", "access", "erasure")
    fides.request("done", "complete", finished_processing_at="2026-03-20T10:00:00+00:00")
    fides.request("canceled", "canceled", canceled_at=RECEIVED)
    fides.request("carry", "complete", "consent")
    fides.identity("done", "phone_number", "+353 1 000 0000")
    fides.executed("done", "crm", "complete", RECEIVED)
    fides.executed("carry", "mailer", "complete", RECEIVED, "consent")
    fides.served("2026-03-01T09:59:00+00:00")
    fides.preference("opt_in", "2026-03-01T10:00:00+00:00")
    fides.preference("opt_out", RECEIVED, privacy_request_id="carry")
    answered = {"purpose_consent_preferences": [{"id": 1, "preference": "opt_in"}]}
    fides.preference("tcf", RECEIVED, notice_key=None, tcf_preferences=answered)
    return fides


@pytest.fixture(scope="module")
def server():
    with postgres() as running:
        running.execute(*(part for part in definitions().split(";\n") if part.strip()))
        running.execute(*database().statements())
        yield running


def everything(project) -> list[tuple[object, ...]]:
    rows = [
        project.query(f"select source, event_id, revision, occurred_at, event_type, {rest} from landing.{log} order by all")
        for log, rest in (("requests", "request_id, right_type"), ("consents", "purpose_code, mechanism"))
    ]
    links = project.query("select source, event_id, occurred_at from landing.subject_links order by all")
    return [*rows[0], *rows[1], *links]


@pytest.mark.slow
def test_a_database_says_the_same_by_query_as_by_file_and_only_what_changed_comes_again(created, server, tmp_path, monkeypatch):
    monkeypatch.setenv("FIDES_DSN", server.dsn)
    asked, given = created("fides"), created("fides-csv", folder=tmp_path / "given")
    database().dump(given.folder / "inbox")
    asked.land()
    given.land()
    assert everything(asked) == everything(given)
    assert len(everything(asked)) == 12
    assert asked.rejects() == given.rejects() == {"canceled": ["event_type=canceled"]}
    assert asked.land() == []
    server.execute(
        "update privacyrequest set status = 'complete', finished_processing_at = now(), updated_at = now() where id = 'both'"
    )
    (changed,) = asked.land()
    assert (changed.source, changed.counts["skipped"], changed.counts["landed"]) == ("fides_requests", 3, 2)
    server.execute("update privacyrequest set status = 'pending', finished_processing_at = null where id = 'both'")
    (back,) = asked.land()
    assert back.counts["skipped"] == 3
    kept = b"".join(path.read_bytes() for path in asked.settings.home.rglob("*") if path.is_file())
    assert server.dsn.encode() not in kept
