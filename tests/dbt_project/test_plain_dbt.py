"""dbt's own words mean what dbt's documentation says: nothing built in is replaced, and no edge of the graph is hidden."""

from __future__ import annotations

import re

from orchestration.dbt_runner import PROJECT

TEXTS = {
    file: re.sub(r"--[^\n]*|\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    for room in ("models", "macros", "tests")
    for file in (PROJECT / room).rglob("*.sql")
}


def test_every_materialisation_is_one_of_dbts_own():
    assert not [file.name for file, text in TEXTS.items() if re.search(r"\{%-? materialization ", text)]


def test_every_relation_that_is_read_is_a_ref_or_a_source():
    hidden = re.compile(r"\b(?:from|join|using) (?:outgoing|staging|intermediate|marts|landing|pack|run)\.|get_relation\(")
    assert {file.name: found for file, text in TEXTS.items() if (found := hidden.findall(text))} == {}
