"""The mappings that docs/write-a-mapping.md shows, run as they stand there."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "write-a-mapping.md"
CORE = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"
WIDE, ZONES, HISTORY, STRINGS = re.findall(r"```sql\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
DEFAULTS = {"jurisdiction": "IE", "channel": "email", "subject_ref_type": "email"}


@pytest.mark.parametrize(
    ("sql", "keys", "row", "events"),
    [
        (
            WIDE,
            {"defaults": DEFAULTS, "time_zone": "Europe/Dublin"},
            {
                "id": "1",
                "opened": "2026-03-01",
                "closed": "2026-03-09",
                "status": "Refused",
                "requester_email": "jane@example.org",
            },
            ["denied", "received"],
        ),
        (ZONES, {}, {"id": "1", "case_no": "r", "office": "Dublin", "seen_at": "2026-07-01 10:00"}, ["acknowledged"]),
        (HISTORY, {"history": {"kind": "snapshot", "key": ["id"]}}, {"id": "1", "status": "Answered"}, ["fulfilled"]),
        (
            STRINGS,
            {"log": "consents", "decode": [{"column": "tc", "as": "tcf"}], "defaults": {"mechanism": "banner"}},
            {"device": "d", "seen_at": "2026-03-01T10:00:00Z", "tc": CORE},
            ["given", "given", "refused"],
        ),
    ],
    ids=["wide", "zones", "history", "strings"],
)
def test_an_example_of_the_page_lands(project, sql, keys, row, events):
    project.mapping(sql, **keys).file("a.csv", [row])
    landed = project.land_one()
    assert landed.held_back is None and not landed.quarantined
    assert sorted(project.column("event_type", keys.get("log", "requests"))) == events
    if sql == ZONES:
        assert project.column("occurred_at::varchar") == ["2026-07-01 09:00:00+00"]


def test_the_page_names_every_column_that_a_string_is_opened_into():
    from promisekept.sources.extract.consent_strings import FIELDS

    named = set(re.findall(r"`tc_(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert named == {name for name, _ in FIELDS}
