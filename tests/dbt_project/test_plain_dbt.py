"""dbt's own words mean what dbt's documentation says: nothing built in is replaced, and no edge of the graph is hidden."""

from __future__ import annotations

import re

from orchestration.dbt_runner import PROJECT

BUILT_IN = {"table", "view", "incremental", "ephemeral", "materialized_view", "seed", "snapshot", "test", "unit", "external"}
TEXTS = {
    file: re.sub(r"--[^\n]*|\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    for room in ("models", "macros", "tests")
    for file in (PROJECT / room).rglob("*.sql")
}


def test_no_materialisation_has_the_name_of_a_built_in_one():
    ours = {name for text in TEXTS.values() for name in re.findall(r"\{%-? materialization (\w+)", text)}
    assert ours
    assert not ours & BUILT_IN


def test_every_relation_that_is_read_is_a_ref_or_a_source():
    hidden = re.compile(r"\b(?:from|join|using) (?:outgoing|staging|intermediate|marts|landing|pack|run)\.|get_relation\(")
    assert {file.name: found for file, text in TEXTS.items() if (found := hidden.findall(text))} == {}
