"""The fast validation of Parquet accepts nothing that the validation of each row would reject."""

import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_project import Project, answered, received

from promisekept.sources.landing import file_groups, typed_events

pytestmark = pytest.mark.slow

STRANGE = {
    "event_id": ["", "jane@example.org", "a\0b", "x-12-y", "123-45-6789"],
    "request_id": ["", "+353861234567"],
    "event_type": ["", "granted", "denied", "received"],
    "jurisdiction": ["", "Ireland", "US-CA", "ie"],
    "channel": ["", "fax"],
    "subject_ref": ["", "  ", "Jane"],
    "subject_ref_type": ["", "name"],
    "evidence_ref": ["", "mailto:x", "no uri", "https://x.org/?q=a%40b.org"],
    "system": ["", "a@b.org", "crm"],
    "role": ["", "owner"],
}
FLAT = dict.fromkeys(("evidence_ref", "system", "role"), "")
strange = st.sampled_from([(column, value) for column, values in STRANGE.items() for value in values])
WAYS = {
    "as large files": {"_SMALL": 0, "MOST_ROWS": 0},
    "as small files": {"MOST_ROWS": 0},
    "together": {},
    "together as large files": {"_SMALL": 0},
}
rows = st.tuples(st.sampled_from([received, answered]), st.lists(strange, max_size=2))


def outcome(project: Project, write) -> tuple:
    for number, name in enumerate("ab"):
        write(number, project.folder / "inbox" / name)
    project.land()
    counts = project.query(
        "select read, landed, duplicate, superseding, conflicting, quarantined from landing.batches order by seq"
    )
    columns = "event_id, subject_key, subject_ref_type, request_id, right_type, event_type, jurisdiction, channel, role, system"
    return (
        counts,
        project.rejects(),
        project.query(f"select {columns}, evidence_ref, row_number, collides from landing.requests order by all"),
    )


def limits(changed: dict[str, int]) -> dict[tuple[object, str], int]:
    return {(typed_events if name == "_SMALL" else file_groups, name): value for name, value in changed.items()}


@settings(deadline=None, max_examples=25)
@given(drawn=st.lists(rows, min_size=1, max_size=6))
def test_the_same_rows_have_the_same_fate_in_parquet_and_in_csv(drawn):
    events = [make(**(FLAT | {"event_id": f"e{n}"} | dict(changes))) for n, (make, changes) in enumerate(drawn)]
    events = [dict.fromkeys(received(), "") | event for event in events]
    names = list(events[0])
    table = pa.table({name: pa.array([event[name] for event in events], pa.string()) for name in names})
    table = table.set_column(
        names.index("occurred_at"),
        "occurred_at",
        table["occurred_at"].cast(pa.timestamp("us", "UTC")),
    )
    half = (len(events) + 1) // 2  # two files; the second has no row where there is one event
    header = ",".join(names) + "\n"
    parts = [slice(half), slice(half, None)]
    with tempfile.TemporaryDirectory() as folder:
        text = Project(made(folder, "text"))
        by_text = outcome(text, lambda number, path: text.file(f"{path.name}.csv", events[parts[number]] or header))
        for way, changed in WAYS.items():
            parquet = Project(made(folder, way))
            (parquet.folder / "pseudonym.key").write_bytes((text.folder / "pseudonym.key").read_bytes())
            with ExitStack() as stack:
                for (module, name), value in limits(changed).items():
                    stack.enter_context(patch.object(module, name, value))

                def write(number: int, path: Path) -> None:
                    pq.write_table(table[parts[number]], path.with_suffix(".parquet"))

                assert outcome(parquet, write) == by_text, way


def made(folder: str, name: str) -> Path:
    (Path(folder) / name).mkdir()
    return Path(folder) / name


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def each_way(request, monkeypatch):
    for (module, name), value in limits(request.param).items():
        monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("each_way")
def test_text_lands_from_every_type_that_writers_give_it(project):
    for number, kind in enumerate([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.binary()]):
        event = answered(event_id=f"é{number}")
        table = pa.table({name: pa.array([value]).cast(pa.string()) for name, value in event.items()})
        column = pa.array([event["event_id"].encode()], kind) if kind == pa.binary() else table["event_id"].cast(kind)
        pq.write_table(table.set_column(0, "event_id", column), project.folder / f"inbox/{number}.parquet")
    project.land()
    assert sorted(project.column("event_id")) == ["é0", "é1", "é2", "é3"]


@pytest.mark.usefixtures("each_way")
def test_whole_numbers_land_from_every_type_that_writers_give_them(project):
    kinds = [pa.int32(), pa.uint64(), pa.float64(), pa.decimal128(21, 2), pa.string()]
    for number, kind in enumerate(kinds):
        events = [answered(event_id=f"{number}{part}", event_type="extended") for part in "ab"]
        table = pa.Table.from_pylist(events).append_column("revision", pa.array([3, None], pa.int64()).cast(kind))
        pq.write_table(table, project.folder / f"inbox/{number}.parquet")
    project.land()
    assert sorted(project.column("revision")) == [0] * len(kinds) + [3] * len(kinds)


@pytest.mark.usefixtures("each_way")
def test_what_is_empty_in_native_columns_lands_as_nothing_in_every_file(project):
    lists = {"a": ["a", None, ""], "b": [], "c": ["c"], "d": [""]}
    for number in "01":
        events = [answered(event_id=f"{number}{part}", event_type="extended") for part in lists]
        table = pa.Table.from_pylist(events).append_column("purpose_codes", pa.array(lists.values(), pa.list_(pa.string())))
        table = table.append_column("revision", pa.array([1, None, 2, None], pa.int32()))
        pq.write_table(
            table.append_column("role", pa.array(["", None, "processor", ""])), project.folder / f"inbox/{number}.parquet"
        )
    project.land()
    for number in "01":
        landed = f"select purpose_codes, revision, role from landing.requests where event_id like '{number}%' order by event_id"
        assert project.query(landed) == [
            (["a"], 1, "controller"),
            (None, 0, "controller"),
            (["c"], 2, "processor"),
            (None, 0, "controller"),
        ]


@pytest.mark.usefixtures("each_way")
def test_native_values_that_are_all_right_land_as_they_are(project):
    for number in "01":
        events = [answered(event_id=f"{number}{part}", event_type="extended") for part in "abc"]
        instant = pa.array([datetime(2026, 3, 20, 10, tzinfo=UTC)] * 3, pa.timestamp("us", "UTC"))
        table = pa.Table.from_pylist(events).drop_columns(["occurred_at"])
        table = table.append_column("occurred_at", instant).append_column("recorded_at", pa.nulls(3, instant.type))
        table = table.append_column("purpose_codes", pa.array([["a", "b"], None, ["c"]], pa.list_(pa.string())))
        pq.write_table(
            table.append_column("revision", pa.array([1, None, 2], pa.int16())), project.folder / f"inbox/{number}.parquet"
        )
    project.land()
    for number in "01":
        landed = f"select purpose_codes, revision, role from landing.requests where event_id like '{number}%' order by event_id"
        assert project.query(landed) == [(["a", "b"], 1, "controller"), (None, 0, "controller"), (["c"], 2, "controller")]


WITH_NUL = {
    "event_id": "e\0", "occurred_at": "2026-03-20T10:00:00Z\0", "recorded_at": "2026-03-20T10:00:00Z\0", "revision": "1\0",
    "request_id": "r\0", "right_type": "access\0", "event_type": "fulfilled\0", "jurisdiction": "IE\0", "channel": "email\0",
    "role": "controller\0", "system": "crm\0", "evidence_ref": "https://x.org/\0", "purpose_codes": ["news\0"],
}  # fmt: skip


@pytest.mark.usefixtures("each_way")
def test_a_nul_character_lands_in_no_column_whatever_its_type(project):
    """Only text that may hold any character is searched for it; every other kind has to refuse it by itself."""
    for number, (column, value) in enumerate(WITH_NUL.items()):
        spoiled, clean, alone = (answered(event_id=f"{number}{part}") for part in "abc")
        together = pa.Table.from_pylist([spoiled | {column: value}, clean])
        pq.write_table(together, project.folder / f"inbox/{number:02d}.parquet")
        pq.write_table(pa.Table.from_pylist([alone | {column: value}]), project.folder / f"inbox/{number:02d}-alone.parquet")
    project.source(time_zone="UTC").land()
    assert set(project.column("event_id")) == {f"{number}b" for number in range(len(WITH_NUL))}
