"""Presets as such: one command makes a project that works, and what is left to a person is asked."""

import re

import yaml
from command import ROOT, promisekept

from promisekept.project import presets
from promisekept.sources.contract import contract

READERS = {"files", "postgres", "http"}


def test_every_preset_feeds_known_logs_by_a_mapping_of_its_own_and_says_what_it_can_not_know():
    known = presets()
    assert len(known) >= 9
    for one in known:
        files = dict(one.files())
        named = {path.as_posix() for path in files}
        readme = next(text for path, text in files.items() if path.name == "README.md")
        assert "It takes" in readme and "can't know" in readme, one.name
        for source in yaml.safe_load(one.sources(country="IE", time_zone="Europe/Dublin")):
            assert source["log"] in contract(), one.name
            assert source["mapping"].removeprefix("./") in named, one.name
            assert source["reader"]["kind"] in READERS, one.name
            assert "$" not in source["reader"].get("query", ""), one.name


def test_a_project_of_any_preset_has_a_configuration_that_is_accepted(created, tmp_path):
    for one in presets():
        settings = created(one.name, folder=tmp_path / one.name).settings
        assert all(source.mapping for source in settings.sources if source.name != "findings_page"), one.name


def test_the_page_on_sources_names_every_preset():
    page = (ROOT / "docs" / "connect-a-source.md").read_text(encoding="utf-8").split("| preset |")[1].split("\n\n")[0]
    assert set(re.findall(r"`([a-z-]+)`", page)) == {one.name for one in presets()}


def test_one_command_makes_a_project_and_check_says_what_is_left(tmp_path):
    created = tmp_path / "company"
    result = promisekept(
        "init", created, "--preset", "wide-cases", "--country", "IE", "--time-zone", "Europe/Dublin", "--format", "json"
    )
    assert result.code == 0, result.err
    assert "mappings/cases.sql" in result.json["files"]
    row = "c1,access,jane@example.org,2026-03-01,2026-03-09,fulfilled,2026-03-09T00:00:00Z"
    rest = "jurisdiction,channel,acknowledged_at,identity_requested_at,identity_verified_at,clarification_requested_at"
    rest += ",clarification_received_at,extended_at,extension_reason,reason,due_at"
    header = "case_id,right_type,person,received_at,closed_at,outcome,updated_at"
    (created / "inbox" / "cases" / "1.csv").write_text(f"{header},{rest}\n{row}{',' * 11}\n", encoding="utf-8")
    result = promisekept("check", "--config", created, "--format", "json")
    assert result.code == 0, result.out + result.err
    assert result.json["sources"][0]["counts"]["landed"] == 2
    left = [(one["file"], one["says"]) for one in result.json["left_to_answer"]]
    assert ("promisekept.yml", "What does `person` hold: email, phone, customer_id, employee_id or other?") in left
    assert [says for file, says in left if file == "mappings/cases.sql"] == [
        "Which words does your table use in `outcome` and `reason`? Translate them in the case expressions below."
    ]
    for file in ("promisekept.yml", "mappings/cases.sql"):
        path = created / file
        path.write_text(path.read_text(encoding="utf-8").replace("# ?", "#").replace("-- ?", "--"), encoding="utf-8")
    assert promisekept("check", "--config", created, "--format", "json").json["left_to_answer"] == []


def test_an_unknown_preset_ends_with_those_that_there_are(tmp_path):
    result = promisekept("init", tmp_path / "company", "--preset", "fide")
    assert result.code == 2
    assert "there is no such preset" in result.err and "fides-csv" in result.err
    assert not (tmp_path / "company").exists()


def test_the_list_of_presets_names_logs_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = promisekept("init", "--list-presets")
    assert result.code == 0
    assert "fides-csv" in result.out and "(requests, consents, subject_links)" in result.out
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_needed_and_a_preset_and_a_file_exclude_each_other(tmp_path):
    assert promisekept("init").code == 2
    table = tmp_path / "t.csv"
    table.write_text("Ticket ID,Opened\n1,2026-03-01\n", encoding="utf-8")
    result = promisekept("init", tmp_path / "company", "--preset", "jira", "--from", table)
    assert result.code == 2 and "Leave one of the two out" in result.err
