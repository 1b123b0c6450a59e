"""What the configuration of a reader may hold: a credential is named by its place, and is never repeated."""

from __future__ import annotations

from typing import Any

import pytest
from queried_project import asked
from source_project import Project

from promisekept.config.readers import Files, Http, Postgres
from promisekept.errors import ConfigError
from promisekept.sources.contract import contract
from promisekept.sources.landing.tasks import settings_sha256

DATABASE = {"kind": "postgres", "dsn_env": "DB", "query": "select 1"}
API = {"kind": "http", "url": "https://api.example.com/items"}
SECRET = "hunter2-secret"


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        (
            {"kind": "mysql", "dsn": SECRET},
            r"sources\[0\]\.reader\.kind: `mysql` is no kind of reader.\n  There are: files, postgres",
        ),
        (
            {**DATABASE, "dsn": f"postgresql://me:{SECRET}@db/x"},
            r"sources\[0\]\.reader\.dsn: unknown key\.\n  Did you mean `dsn_env`",
        ),
        ({**DATABASE, "url_file": "db.url"}, r"sources\[0\]\.reader\.url_file: unknown key\.\n  Did you mean `dsn_file`\?"),
        ({**DATABASE, "dsn_env": f"postgresql://me:{SECRET}@db/x"}, r"sources\[0\]\.reader\.dsn_env: "),
        ({**DATABASE, "dsn_file": "db.dsn"}, r"sources\[0\]\.reader: give either `dsn_env`.* or `dsn_file`"),
        ({"kind": "postgres", "query": "select 1"}, r"sources\[0\]\.reader: give either `dsn_env`"),
        ({"kind": "sql", "query": "select 1"}, r"sources\[0\]\.reader: give either `url_env`"),
        ({**DATABASE, "overlap": "PT1H"}, r"sources\[0\]\.reader: `overlap` reads back from a cursor"),
        ({**DATABASE, "cursor": "id", "overlap": "1 hour"}, r"sources\[0\]\.reader\.overlap: `1 hour` is no duration"),
        ({**DATABASE, "cursor": "id", "overlap": -1}, r"sources\[0\]\.reader\.overlap: `-1` is less than nothing"),
        ({**DATABASE, "chunk_rows": 0}, r"sources\[0\]\.reader\.chunk_rows: "),
        ({**API, "url": f"https://me:{SECRET}@api.example.com"}, r"sources\[0\]\.reader: `url` holds a user name or a password"),
        ({**API, "url": f"http://api.example.com/?k={SECRET}"}, r"sources\[0\]\.reader: `url` begins with http://"),
        ({**API, "url": f"ftp://{SECRET}"}, r"sources\[0\]\.reader: `url` is no address of the web"),
        (
            {**API, "headers": {"Authorization": f"Bearer {SECRET}"}},
            r"`Authorization` looks like a credential; name where it lies",
        ),
        ({**API, "url": f"https://api.example.com/items?access_token={SECRET}"}, r"`access_token` looks like a credential"),
        ({**API, "params": {"api_key": SECRET}}, r"`api_key` looks like a credential"),
        ({**API, "headers": {"X-Key": {"env": "A", "file": "b"}}}, r"a credential has one place"),
        ({**API, "paging": {"by": "page"}}, r"sources\[0\]\.reader\.paging: paging by `page` needs `param`"),
        ({**API, "paging": {"by": "cursor", "param": "after"}}, r"sources\[0\]\.reader\.paging: paging by `cursor` needs `next`"),
        ({"path": "in/*", "encoding": "utf8x"}, r"sources\[0\]\.reader\.encoding: `utf8x` is no encoding of text"),
        ({"path": "in/*", "encoding": "base64"}, r"sources\[0\]\.reader\.encoding: `base64` is no encoding of text"),
        (
            {"path": "gs://logs/in/*"},
            r"`path` begins with gs://, from which nothing is read; use s3:// with `store.endpoint_url`",
        ),
        ({"path": "az://logs/in/*"}, r"`path` begins with az://, from which nothing is read; use s3://"),
        ({"path": "S3://logs/in/*"}, r"`path` begins with S3://, from which nothing is read; use s3://"),
        ({"path": "https://logs.example.org/in.csv"}, r"`path` begins with https://; .* an API by `kind: http`"),
        (
            {**DATABASE, "dsn_env": "MY-DB"},
            r"reader\.dsn_env: this is no name of an environment variable; put the value into one",
        ),
        (f"postgresql://me:{SECRET}@db/x", r"sources\[0\]\.reader: "),
    ],
)
def test_a_wrong_reader_is_rejected_by_key_and_remedy_and_no_credential_is_repeated(project: Project, reader: Any, message: str):
    project.sources = [{"name": "helpdesk", "log": "requests", "reader": reader}]
    with pytest.raises(ConfigError, match=message) as caught:
        assert project.settings is None
    assert SECRET not in str(caught.value)
    assert "\n  " in str(caught.value)


@pytest.mark.parametrize("key", ["readr", "dsn"])
@pytest.mark.parametrize("wrap", [str, lambda one: [one], lambda one: {"dsn": one}])
def test_what_an_unknown_key_holds_is_not_repeated(project: Project, key: str, wrap: Any):
    """A slip in `sources` printed every source with its reader, so that the remedy was below the end of the screen."""
    inline = wrap(f"postgresql://me:{SECRET}@db/x")
    project.sources = [{"name": "helpdesk", "log": "requests", "reader": DATABASE, key: inline}]
    with pytest.raises(ConfigError, match=rf"sources\[0\]\.{key}: unknown key\.\n  ") as caught:
        assert project.settings is None
    assert SECRET not in str(caught.value)


def test_a_mapping_in_the_place_of_a_text_is_not_repeated(project: Project):
    project.sources = [{"name": {"dsn": SECRET}, "log": "requests", "reader": DATABASE}]
    with pytest.raises(ConfigError, match=r"sources\[0\]\.name: .*\n  Found: a mapping of 1, not shown") as caught:
        assert project.settings is None
    assert SECRET not in str(caught.value)


def test_a_parameter_that_only_sounds_like_a_credential_is_none(project: Project):
    plain = {"sort_key": "updated", "author": "x", "page_size": "5", "since": "{cursor}"}
    assert asked(project, API | {"params": plain, "cursor": "updated"}).settings.source("helpdesk").where == "http:helpdesk"


def test_a_value_of_a_file_reader_is_shown(project: Project):
    project.sources = [{"name": "helpdesk", "log": "requests", "reader": {"path": "x.csv", "delimiter": ";;"}}]
    with pytest.raises(ConfigError, match=r"sources\[0\]\.reader\.delimiter: .*\n  Found: ';;'"):
        assert project.settings is None


def test_files_are_the_kind_that_needs_no_name_and_paths_are_read_from_the_project(project: Project):
    project.sources = [{"name": "helpdesk", "log": "requests", "reader": {"path": "inbox/*.csv"}}]
    reader = project.settings.source("helpdesk").reader
    assert isinstance(reader, Files) and reader.path == str(project.folder / "inbox" / "*.csv")
    asked(project, {"kind": "postgres", "dsn_file": "keys/db.dsn", "query": "select 1"})
    reader = project.settings.source("helpdesk").reader
    assert isinstance(reader, Postgres) and reader.address.file == project.folder / "keys" / "db.dsn"
    asked(project, {**API, "headers": {"Authorization": {"file": "keys/token"}}})
    reader = project.settings.source("helpdesk").reader
    assert (
        isinstance(reader, Http) and reader.model_dump()["headers"]["Authorization"]["file"] == project.folder / "keys" / "token"
    )


def test_where_a_source_comes_from_is_shown_without_a_credential(project: Project):
    assert asked(project, DATABASE).settings.source("helpdesk").where == "postgres:helpdesk"
    assert asked(project, API).settings.source("helpdesk").where == "http:helpdesk"


def test_how_fast_a_source_is_read_does_not_change_what_its_rows_become(project: Project):
    first = settings_sha256(asked(project, DATABASE).settings.source("helpdesk"))
    pace = {"chunk_rows": 7, "retries": 0, "timeouts": {"read": "PT9S"}, "dsn_env": "OTHER"}
    assert settings_sha256(asked(project, DATABASE | pace).settings.source("helpdesk")) == first
    other = asked(project, DATABASE | {"query": "select 2"}).settings.source("helpdesk")
    assert settings_sha256(other) != first


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"defaults": {"jurisdicton": "IE"}},
            r"\(helpdesk\): defaults: `requests` has no column `jurisdicton`.*\n.*`jurisdiction`",
        ),
        ({"formats": {"occured_at": "%d/%m/%Y"}}, r"formats: `requests` has no column `occured_at`.\n.*`occurred_at`"),
        ({"defaults": {"colour": "red"}}, r"defaults: `requests` has no column `colour`.\n  It has: event_id, "),
    ],
)
def test_a_default_or_a_format_of_a_mistyped_column_is_not_left_unused(project: Project, keys: dict[str, Any], message: str):
    """Rows without a place were rejected for want of one, and no message named the default that had another name."""
    with pytest.raises(ConfigError, match=message):
        assert project.source(**keys).settings is None


def test_a_mistyped_log_is_named_with_those_of_the_contract(project: Project):
    project.sources = [{"name": "helpdesk", "log": "reqests", "reader": {"path": "inbox/*.csv"}}]
    listed = ", ".join(contract())
    with pytest.raises(ConfigError, match=rf"sources\[0\]\.log: Name one of the logs: {listed}\.\n  Found: 'reqests'"):
        assert project.settings is None
