"""`promisekept fsck --checkpoint`: what an auditor kept of an earlier bundle shows whether the ledger was rewritten since."""

from __future__ import annotations

import shutil

import pytest
from ledger_proofs import NOON, a_bundle
from typer.testing import CliRunner
from world import World

from promisekept.cli.app import app
from promisekept.evidence.proof import FILE
from promisekept.sources.zone.ledger import Ledger


@pytest.fixture
def desk(tmp_path):
    world = World(tmp_path / "project")
    world.request("r1", received="2026-01-05")
    world.deliver()
    world.land()
    return world


def fsck(desk, checkpoint):
    return CliRunner().invoke(app, ["fsck", "--config", str(desk.folder), "--checkpoint", str(checkpoint)])


def test_a_ledger_that_went_on_extends_the_checkpoint_of_an_earlier_bundle(desk, tmp_path):
    home = desk.settings.home
    bundle = a_bundle(home, tmp_path / "bundle", 1)
    desk.request("r2", received="2026-01-06")
    desk.deliver()
    desk.land()
    for named in (bundle, bundle / FILE, f"1:{Ledger.open(home).line(1).merkle_root}"):
        result = fsck(desk, named)
        assert (result.exit_code, "extends the checkpoint of 1 lines" in result.output) == (0, True), result.output


def test_a_ledger_that_was_written_anew_does_not(desk, tmp_path):
    home = desk.settings.home
    bundle = a_bundle(home, tmp_path / "bundle", 1)
    shutil.rmtree(home)
    Ledger.open(home).append("retired", {"id": "0001-abcdef"}, NOON, "0" * 64)
    desk.land()
    result = fsck(desk, bundle)
    assert (result.exit_code, "does not extend the checkpoint" in result.output) == (1, True), result.output


def test_what_is_no_checkpoint_is_named(desk, tmp_path):
    result = fsck(desk, tmp_path / "absent")
    assert "absent: can't be read" in str(result.exception)
