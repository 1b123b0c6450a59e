"""`metrics` and `alerts` as an operator types them."""

from __future__ import annotations

import json
import stat

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from receivers import a_hook
from typer.testing import CliRunner
from world import World, help_desk

from promisekept.cli.app import app
from promisekept.errors import ConfigError


@pytest.fixture
def project(tmp_path, monkeypatch):
    world = World(tmp_path)
    monkeypatch.chdir(tmp_path)
    return world


def typed(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def tell_a_hook(world: World, url: str) -> None:
    (world.folder / "hook").write_text(url)
    (world.folder / "hook").chmod(stat.S_IRUSR)
    desk = help_desk("helpdesk", "requests") | {"expect": {"every": "P1D"}}
    world.configure(desk, alerts={"webhooks": [{"name": "chat", "url_file": "hook"}]})


def test_metrics_are_text_for_a_collector_and_json_for_programs(project):
    families = list(text_string_to_metric_families(typed("metrics").stdout))
    metrics = json.loads(typed("metrics", "--format", "json").stdout)
    assert {family.name for family in families} == {one["name"] for one in metrics if one["samples"]}


def test_alerts_are_listed_without_notifying_anybody_and_sent_once(project):
    with a_hook() as hook:
        tell_a_hook(project, hook.url)
        listed = typed("alerts", "list")
        assert (listed.exit_code, "freshness:helpdesk" in listed.stdout, hook.alerts) == (1, True, [])
        assert "has never come" in typed("alerts", "send").stdout
        assert typed("alerts", "send").stdout == "Nothing has changed.\n"
        assert [alert["kind"] for alert in hook.alerts] == ["freshness"]
    assert json.loads(typed("alerts", "list", "--format", "json").stdout)["channels"]["chat"]["pending"] == []


def test_a_test_says_which_channel_took_it(project):
    with a_hook() as hook:
        tell_a_hook(project, hook.url)
        tried = typed("alerts", "test")
        assert (tried.exit_code, "took it" in tried.stdout, hook.alerts[0]["kind"]) == (0, True, "test")
        hook.answers = [403]
        tried = typed("alerts", "test")
    assert (tried.exit_code, "HTTP 403" in tried.stdout, "secret-part" in tried.stdout) == (1, True, False)


def test_a_test_without_a_channel_says_how_to_make_one(project):
    tried = typed("alerts", "test")
    assert isinstance(tried.exception, ConfigError)
    assert "operate.md" in str(tried.exception)


def test_where_nothing_is_expected_nothing_is_bad(project):
    listed = typed("alerts", "list")
    assert (listed.exit_code, listed.stdout.splitlines()[0]) == (0, "Nothing is bad.")
