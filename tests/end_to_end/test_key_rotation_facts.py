"""A pseudonym key that is changed in the middle changes no fact.

Two organisations live the same life, one of them with a new key from the middle on.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from all_logs import LOGS, history, world_of_all_logs

from promisekept.sources.zone.keyring import Keyring, load_keyring, rotate_key
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

PEOPLE = 20
FACTS = (
    *("fct_requests", "fct_consents", "fct_disclosures", "fct_records", "fct_collections", "fct_processing", "fct_erasures"),
    *("fct_metrics", "fct_findings"),
)
A_KEY = re.compile(r"\b[0-9a-f]{32}\b")
OF_THE_DELIVERY = {"batch_id", "row_number"}
"""A batch is called after its line in the ledger, and the rotation has one, too."""


def lived(folder, *, rotated: bool) -> tuple[dict[str, list[str]], Keyring]:
    """The same events in two deliveries, the second of which repeats the first; the key is changed between them, or is not."""
    world = world_of_all_logs(folder)
    rows = history(12, PEOPLE)
    for part, landed_at in ((rows[: len(rows) // 2], "2026-02-20"), (rows, "2026-04-30")):
        for log in LOGS:
            world.deliver([without_log(row) for row in part if row["log"] == log], inbox=log)
        world.land(world.instant(landed_at))
        if rotated and part is not rows:
            rotate_key(world.settings.keys.pseudonym, Ledger.open(world.settings.home), world.instant("2026-02-21"), "a test")
    keyring = load_keyring(world.settings.keys.pseudonym)
    report = world.run("2026-05-01", only=FACTS)
    return {mart: said(report.table(mart), keyring) for mart in FACTS}, keyring


def without_log(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "log"}


def said(rows: list[dict[str, Any]], keyring: Keyring) -> list[str]:
    """The content of rows, people by their number instead of their keys."""
    person = {
        key.subject(kind, name.format(number)): f"person {number}"
        for key in (keyring.current, *keyring.earlier)
        for number in range(PEOPLE)
        for kind, name in (("email", "person{}@example.org"), ("customer_id", "C-{}"))
    }
    contents = (sorted((name, str(value)) for name, value in row.items() if name not in OF_THE_DELIVERY) for row in rows)
    return sorted(A_KEY.sub(lambda key: person.get(key[0], key[0]), str(row)) for row in contents)


def test_facts_after_a_rotation_equal_facts_without_one_up_to_the_keys(tmp_path):
    plain, _ = lived(tmp_path / "plain", rotated=False)
    rotated, keyring = lived(tmp_path / "rotated", rotated=True)
    assert len(keyring.earlier) == 1
    assert [mart for mart, rows in plain.items() if not rows] == []
    for mart in FACTS:
        assert rotated[mart] == plain[mart], mart
