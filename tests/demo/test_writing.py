"""The demo is a project folder like any other, the same each time, and holds nobody real."""

from __future__ import annotations

import hashlib
import re
import stat

import pytest

from promisekept.config.loading import load_settings
from promisekept.config.source import LOGS
from promisekept.demo import AS_OF, LANDED_AT, write_demo
from promisekept.errors import ConfigError
from promisekept.policy import load_pack


def fingerprints(folder):
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_two_demos_have_the_same_bytes(project, tmp_path):
    write_demo(tmp_path / "again")
    assert fingerprints(tmp_path / "again") == fingerprints(project)


def test_the_project_folder_is_one_that_the_program_reads(project):
    settings = load_settings(project)
    assert {source.log for source in settings.sources} == set(LOGS)
    assert settings.organisation.time_zone == "America/New_York"
    assert load_pack(settings.pack, settings.organisation).settings.name == "Larkfield privacy promises"


def test_every_source_finds_its_files_and_no_file_lies_idle(project):
    settings = load_settings(project)
    found = set()
    for source in settings.sources:
        folder, _, pattern = source.reader.path.rpartition("/")
        files = set((project / "inbox" / source.name).glob(pattern))
        assert files, source.name
        assert folder.endswith(source.name)
        found |= files
    assert found == {file for file in (project / "inbox").rglob("*") if file.is_file()}


def test_the_key_is_closed_to_others(project):
    assert stat.S_IMODE((project / "keys" / "pseudonym.key").stat().st_mode) == 0o600


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not empty"):
        write_demo(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_what_an_interrupted_demo_left_is_not_taken_for_the_organisation(project, tmp_path, monkeypatch):
    """Ctrl-C while it was written once left half an inbox, and the next call found nothing to compute."""
    folder = tmp_path / "demo"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("promisekept.demo.writing._write_legacy", interrupted)
        write_demo(folder)
    assert not folder.exists()
    write_demo(folder)
    assert fingerprints(folder) == fingerprints(project)
    assert [file.name for file in tmp_path.iterdir()] == ["demo"]


def test_all_addresses_are_of_reserved_domains(project):
    for file in (project / "inbox").rglob("*"):
        if file.suffix in {".csv", ".jsonl"}:
            text = file.read_bytes().decode("cp1252" if "legacy" in file.name or "tickets" in file.name else "utf-8")
            domains = set(re.findall(r"@([A-Za-z0-9.-]+)", text))
            assert domains <= {"example.com", "example.org", "example.net"}, file.name
            hosts = set(re.findall(r"https://([^/\"]+)/", text))
            assert hosts <= {"evidence.larkfield.example"}, file.name


def test_nothing_happens_after_the_demos_last_instant_but_one_mistyped_year(inbox):
    last = AS_OF.isoformat()
    assert LANDED_AT > AS_OF
    for source in ("privacy_portal", "consent_platform", "disclosure_register", "processing_register", "inventory_scanner"):
        assert inbox.count(source, f"occurred_at::timestamptz > timestamptz '{last}'") == 0, source
    later = inbox.ask("select event_id from helpdesk where greatest(occurred_at, recorded_at) > '2026-09-30 23:59:00'")
    assert [event_id.rpartition("-")[2] for (event_id,) in later] == ["mistyped"]
