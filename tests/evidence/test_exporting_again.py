"""Exporting where a bundle lies already, and after an export that was killed or interrupted."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import duckdb
import pytest
import yaml
from command import promisekept, signal_at
from evidence.conftest import Project

from promisekept.errors import EvidenceError
from promisekept.evidence import export as exporting
from promisekept.evidence.unpacking import unpack
from promisekept.evidence.workspace import PREFIX, sweep, workspace
from promisekept.evidence.zipping import zip_bundle

pytestmark = pytest.mark.slow


def signed(archive: Path, folder: Path) -> None:
    """As a release leaves a ZIP: written anew, with signatures in it."""
    bundle = unpack(archive, folder)
    (bundle / "signatures").mkdir()
    (bundle / "signatures/release-1.p7s").write_bytes(b"signed")
    zip_bundle(bundle, archive)


def test_a_zip_that_was_released_is_left_as_it_is_and_said_to_be_released(larkfield: Project, tmp_path):
    archive = tmp_path / "bundle.zip"
    arguments = ("export", "--config", larkfield.folder, "--period", "2026-09", "--regime", "EU_GDPR", "--out", archive)
    made = promisekept(*arguments)
    assert (made.code, "A draft: nobody has signed it yet" in made.out) == (0, True)
    signed(archive, tmp_path / "unpacked")
    before = archive.read_bytes()
    again = promisekept(*arguments)
    assert again.code == 0, again.err
    assert "The very same bundle lay there already, and nothing was changed" in again.out
    assert "It has been released" in again.out
    assert archive.read_bytes() == before
    with pytest.raises(EvidenceError, match="another bundle lies there"):
        larkfield.export("2026-08", regime="EU_GDPR", out=archive)
    archive.write_bytes(b"no ZIP at all")
    with pytest.raises(EvidenceError, match="another bundle lies there"):
        larkfield.export("2026-09", regime="EU_GDPR", out=archive)


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_an_export_that_ends_in_the_middle_puts_nothing_in_place_and_what_it_left_is_removed(larkfield: Project, tmp_path, by):
    out = tmp_path / "out"
    arguments = ("--period", "2026-Q3", "--config", larkfield.folder, "--out", out)
    export = promisekept("export", *arguments, prepare=partial(signal_at, by, out, f"{PREFIX}*/*/data/tables/*.csv"))
    assert export.code == (130 if by == signal.SIGINT else -by)
    assert [path.name for path in out.iterdir() if not path.name.startswith(PREFIX)] == []
    if by == signal.SIGINT:
        assert "No bundle was put in place" in export.err
        assert list(out.iterdir()) == []
    bundle = larkfield.export("2026-09", regime="EU_GDPR", out=out).path
    assert list(out.iterdir()) == [bundle]


def test_an_export_keeps_to_the_memory_that_it_is_given_and_leaves_nothing_of_what_it_spilled(larkfield: Project, tmp_path):
    here = sorted(Path.cwd().iterdir())
    with pytest.raises(duckdb.OutOfMemoryException):
        larkfield.export("2026-09", regime="EU_GDPR", out=tmp_path, engine={"memory_limit": "1MB"})
    assert list(tmp_path.iterdir()) == []
    assert sorted(Path.cwd().iterdir()) == here


LIMIT = "select current_setting('memory_limit')"


@pytest.mark.parametrize(("given", "half"), [({"memory_limit": "3 GiB"}, "1.5 GiB"), ({}, "40%")])
def test_the_databases_of_an_export_keep_to_the_limit_together(larkfield: Project, tmp_path, monkeypatch, given, half):
    """Each of the two took all of it: with 12 GB an export came to 17."""
    limits = []

    def look(inputs):
        with duckdb.connect(config={**inputs.engine}) as landed:
            limits.extend(connection.execute(LIMIT).fetchone() for connection in (inputs.reader.cursor(), landed))
        raise EvidenceError("seen")

    monkeypatch.setattr(exporting, "fill", look)
    with pytest.raises(EvidenceError, match="seen"):
        # In a folder of its own: what another test has open of a snapshot keeps the settings that it was opened with.
        larkfield.elsewhere(tmp_path / "larkfield").export("2026-09", out=tmp_path / "out", engine=given)
    with duckdb.connect(config={"memory_limit": half}) as connection:
        assert limits == [connection.execute(LIMIT).fetchone()] * 2


def test_an_export_that_runs_out_of_memory_names_the_setting_to_the_person_who_asked(larkfield: Project, tmp_path):
    """It was reported as a fault of the program."""
    settings = larkfield.settings
    paths = {"home": str(settings.home), "pack": str(settings.pack), "keys": {"pseudonym": str(settings.keys.pseudonym)}}
    written = yaml.safe_load((larkfield.folder / "promisekept.yml").read_text(encoding="utf-8"))
    limited = {"sources": written["sources"][:1], "engine": {"memory_limit": "1MB"}}
    config = tmp_path / "promisekept.yml"
    config.write_text(yaml.safe_dump(written | paths | limited), encoding="utf-8")
    export = promisekept("export", "--config", config, "--period", "2026-09", "--regime", "EU_GDPR", "--out", tmp_path / "out")
    assert (export.code, "`engine.memory_limit`" in export.err) == (2, True), export.err
    assert list((tmp_path / "out").iterdir()) == []


def test_a_room_in_which_somebody_works_is_left_alone(tmp_path):
    with workspace(tmp_path) as folder:
        (folder / "file").write_text("at work")
        assert sweep(tmp_path) == []
        assert (folder / "file").exists()
        with workspace(tmp_path) as other:
            assert other != folder
        assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_is_called_like_a_room_leads_the_sweep_nowhere(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/kept").write_text("")
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / f"{PREFIX}link").symlink_to(tmp_path / "elsewhere")
    assert sweep(tmp_path / "place") == []
    assert (tmp_path / "elsewhere/kept").exists()
