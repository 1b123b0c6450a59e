"""Recording what is done about findings: who may, what the dialog asks for, what is written, and what stands beside the state."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from opened_pages import PUBLISHED, Open, rows_of, texts
from streamlit.testing.v1 import AppTest

from dashboards import access, bundling
from dashboards.data import finding_groups, query
from dashboards.data.findings import FindingFilters
from dashboards.snapshots import Ref
from promisekept.config.loading import load_settings
from promisekept.project.scaffold import scaffold

OPEN_GROUP = ["act_assigned", "act_commented", "act_accepted", "act_resolved"]


@pytest.fixture
def inbox(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder into which the page writes: that of a project as `init` makes it, around the published home."""
    scaffold(tmp_path / "project", organisation="Larkfield", country="US", time_zone="America/New_York")
    settings = load_settings(tmp_path / "project").model_copy(update={"home": home})
    monkeypatch.setattr(bundling, "project", lambda: settings)
    sign_in(monkeypatch, "dana@example.org", "officer")
    return tmp_path / "project" / "inbox" / "findings_page"


@pytest.fixture
def key(ref: Ref) -> str:
    return str(finding_groups.groups(ref, FindingFilters(), "America/New_York")[0]["group_key"])


def sign_in(monkeypatch: pytest.MonkeyPatch, name: str, role: access.Role) -> None:
    monkeypatch.setattr(access, "current", lambda: access.Reader(name, role))


def acts(app: AppTest) -> list[str]:
    return [str(button.key) for button in app.button if str(button.key).startswith("act_")]


def written(inbox: Path) -> list[dict[str, str]]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(inbox.glob("*.jsonl"))]


def comment(open_page: Open, key: str, text: str) -> AppTest:
    app = open_page("/findings", group=key)
    app.button(key="act_commented").click().run()
    assert app.button(key="act_record").disabled
    app.text_area(key="act_note").set_value(text).run()
    return app.button(key="act_record").click().run()


@pytest.mark.parametrize(("role", "offered"), [("auditor", []), ("officer", OPEN_GROUP), ("admin", OPEN_GROUP)])
def test_officers_and_admins_act_and_auditors_see_everything_and_no_button(
    open_page: Open, inbox: Path, key: str, monkeypatch: pytest.MonkeyPatch, role: access.Role, offered: list[str]
) -> None:
    sign_in(monkeypatch, "ada@example.org", role)
    app = open_page("/findings", group=key)
    assert acts(app) == offered
    assert "What was done" in texts(app)
    app.session_state["act"] = ("resolved", key, "")  # what only the button sets
    app.run()
    assert ("act_record" in acts(app)) == bool(offered)


def test_an_old_snapshot_and_a_project_without_an_inbox_offer_no_action(
    open_page: Open, inbox: Path, key: str, ref: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = bundling.project()
    assert settings is not None
    monkeypatch.setattr(bundling, "project", lambda: settings.model_copy(update={"sources": settings.sources[:1]}))
    app = open_page("/findings", group=key)
    assert acts(app) == []
    assert "Nothing can be recorded here" in texts(app)
    monkeypatch.setattr("dashboards.snapshots.Snapshot.pinned", True)
    assert acts(open_page("/findings", group=key)) == []


def test_a_comment_is_recorded_stands_beside_the_state_and_is_withdrawn_by_whoever_wrote_it(
    open_page: Open, inbox: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = comment(open_page, key, "Draft sent to the provider")
    (line,) = written(inbox)
    assert (line["event_type"], line["group_key"], line["note"]) == ("commented", key, "Draft sent to the provider")
    assert (line["subject_ref"], line["role"]) == ("dana@example.org", "officer")
    assert line["occurred_at"] == (PUBLISHED + timedelta(hours=2)).isoformat()
    said = texts(app)
    assert "**Recorded, in the next snapshot:**" in said
    assert "Until then the state is Not assigned" in said
    assert list(rows_of(app, "Finding, by cause")["State"][0]) == ["○ Not assigned", "◌ Pending"]

    withdraw = f"w_{line['event_id']}"
    sign_in(monkeypatch, "eve@example.org", "admin")
    assert withdraw not in [button.key for button in open_page("/findings", group=key).button]
    sign_in(monkeypatch, "dana@example.org", "officer")
    app = open_page("/findings", group=key)
    app.button(key=withdraw).click().run()
    app.checkbox(key="act_confirmed").check().run()
    app = app.button(key="act_record").click().run()
    assert [line["withdrawn_event_id"] for line in written(inbox) if line["event_type"] == "withdrawn"] == [line["event_id"]]
    assert "Recorded, in the next snapshot" not in texts(app)
    assert "~~Comment~~" in texts(app)
    assert list(rows_of(app, "Finding, by cause")["State"][0]) == ["○ Not assigned"]


def test_a_text_that_names_a_person_is_not_recorded_and_stays_in_its_field(open_page: Open, inbox: Path, key: str) -> None:
    app = comment(open_page, key, "Ask jane@example.org")
    assert "Nothing was recorded" in str(app.error[0].value)
    assert "jane" not in str(app.error[0].value)
    assert app.text_area(key="act_note").value == "Ask jane@example.org"
    assert not inbox.exists()


def test_an_acceptance_asks_for_reason_day_and_confirmation_and_lasts_no_longer_than_the_pack_allows(
    open_page: Open, inbox: Path, key: str
) -> None:
    app = open_page("/findings", group=key)
    app.button(key="act_accepted").click().run()
    assert "Accepting does not change the verdict." in str(app.warning[0].value)
    today = (PUBLISHED + timedelta(hours=2)).date()
    assert app.date_input(key="act_until").max == today + timedelta(days=90)
    app.text_area(key="act_note").set_value("Signed in October").run()
    app.date_input(key="act_until").set_value(today + timedelta(days=30)).run()
    assert app.button(key="act_record").disabled
    app.checkbox(key="act_confirmed").check().run()
    assert str(app.button(key="act_record").label).endswith("until 31 Oct 2026")
    app.button(key="act_record").click().run()
    assert [(line["event_type"], line["accepted_until"]) for line in written(inbox)] == [("accepted", "2026-10-31")]


def test_a_control_that_people_assess_is_attested_from_its_promise(open_page: Open, inbox: Path, ref: Ref) -> None:
    row = query.first(
        ref, "select clause_id, control_id from marts.fct_control_results where metric_code is null order by all limit 1"
    )
    app = open_page("/", clause=row["clause_id"])
    app.button(key=f"act_attested_{row['control_id']}").click().run()
    app.selectbox(key="act_result").set_value("kept with remarks").run()
    assert app.button(key="act_record").disabled
    app.text_input(key="act_reference").set_value("https://evidence.example.org/2026").run()
    app.button(key="act_record").click().run()
    (line,) = written(inbox)
    assert (line["event_type"], line["control_id"], line["group_key"]) == ("attested", row["control_id"], None)
    assert (line["result"], line["valid_until"]) == ("kept with remarks", "2027-10-01")
    assert "attested, kept with remarks, until 1 Oct 2027" in texts(app).replace("\\", "")
