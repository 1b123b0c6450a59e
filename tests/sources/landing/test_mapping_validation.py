"""A source's own SQL, checked before a row is read: a typo is named, and nothing that may run is rejected."""

from __future__ import annotations

from pathlib import Path

import pytest

from promisekept.errors import ConfigError
from promisekept.sources.landing.mapping_validation import require_mappings

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted(file for room in ("promisekept", "examples") for file in (ROOT / room).rglob("mappings/*.sql"))
SOUND = "select _row, id as event_id, opened as occurred_at, id as request_id, 'fulfilled' as event_type from source"


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("selct _row from source", "selct"),
        (SOUND.replace("opened as", "strptme(opened, '%d') as"), "strptime"),
        (SOUND.replace("opened as", "opened::timestmap as"), "timestmap"),
        (SOUND.replace("from source", "from surce"), "surce"),
        (f"{SOUND}; {SOUND}", "one SELECT"),
        ("copy source to 'stolen.csv'", "one SELECT"),
        ("select _row, content as event_id from source, read_text('/etc/hostname')", "/etc/hostname"),
    ],
)
def test_a_typo_in_a_mapping_is_named_with_its_source_before_any_file_is_read(project, sql, named):
    project.mapping(sql)
    with pytest.raises(ConfigError, match=r"sources\.helpdesk\.mapping in .*map\.sql") as raised:
        require_mappings(project.settings)
    assert named in str(raised.value)
    assert "Fix it" in str(raised.value)


def test_each_source_is_checked_by_itself(project):
    """They share one database: neither the columns of one nor an error of it may reach the next."""
    project.source("first", skip="length(gone, 1)").source("second", skip="status = 'TEST'")
    require_mappings(project.settings)
    project.source("third", skip="upperr(status) = 'TEST'")
    with pytest.raises(ConfigError, match=r"sources\.third\.skip: .*upperr"):
        require_mappings(project.settings)


def test_a_typo_in_skip_is_named_too(project):
    project.source(skip="upperr(status) = 'TEST'")
    with pytest.raises(ConfigError, match=r"sources\.helpdesk\.skip: .*upperr"):
        require_mappings(project.settings)


@pytest.mark.parametrize(
    "sql",
    [
        SOUND,
        SOUND.replace("from source", "from source as s where s.\"Closed At\" <> '' and list_contains(tags, 'x')"),
        "with kept as (select * from source where Status = 'x' or status = 'y') select * exclude (note) from kept",
        "select _row, unnest(tc_purposes) as event_id, payload.opened as occurred_at from source",
    ],
    ids=["plain", "odd names and lists", "a star", "lists and structs"],
)
def test_what_only_a_file_can_show_is_left_to_it(project, sql):
    require_mappings(project.mapping(sql, skip="kind = 'test'").settings)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.parent.name}/{file.name}")
def test_every_shipped_mapping_can_be_read(project, file):
    require_mappings(project.mapping(file.read_text(encoding="utf-8")).settings)
