"""A pack is landed like a log: each version is kept, and a rule changed for days already past is a finding."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from world import World

from orchestration.run import run_job
from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_current
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("packs"))
    world.request("r1", received="2026-01-05")
    world.deliver()
    config = world.folder / "promisekept.yml"
    assert run_job(config, as_of="2026-03-01T00:00:00Z", now="2026-03-01T06:00:00+00:00").published
    world.change_rule("eu_gdpr.access.2018-05-25", response_n="2")
    assert run_job(config, as_of="2026-03-02T00:00:00Z", now="2026-03-02T06:00:00+00:00").published
    return world


def test_each_version_stands_in_the_ledger_once(changed):
    lines = list(Ledger.open(changed.settings.home).lines("pack"))
    assert [line.at for line in lines] == [datetime(2026, 3, day, 6, tzinfo=UTC) for day in (1, 2)]
    assert fsck(changed.settings.home) == []


def test_a_rule_changed_for_days_already_past_is_a_finding_that_names_it(changed):
    with open_current(changed.settings.home) as snapshot:
        found = snapshot.cursor().execute("select detail, entity from marts.fct_findings where finding_code = 'retroactive_rule'")
        ((detail, entity),) = found.fetchall()
    assert entity == "pack/regimes"
    assert json.loads(detail)["row"].startswith("EU_GDPR/access/2018-05-25")
    assert json.loads(detail)["columns"] == ["response_n"]
