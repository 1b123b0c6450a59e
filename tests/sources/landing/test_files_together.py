"""Files of text that go through landing together land as each of them does alone."""

import gzip
import json
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_project import Project, answered, as_csv, received

from promisekept.sources.landing import file_groups, land

DISTURBED = {
    "as it is": lambda text: text.encode(),
    "with a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "with other line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "with blank lines": lambda text: text.replace("\n", "\n\n").encode(),
    "below a blank line": lambda text: b"\n" + text.encode(),
    "without a last line end": lambda text: text.removesuffix("\n").encode(),
    "cut": lambda text: text.encode()[:-7],
    "with a NUL": lambda text: text.replace("email", "e\0mail").encode(),
    "in another encoding": lambda text: text.replace("jane", "jané").encode("latin-1"),
    "with a row too many": lambda text: (text + "x,y,z\n").encode(),
    "zipped": lambda text: gzip.compress(text.encode()),
    "empty": lambda _: b"",
}
EVENTS = [
    received(),
    received(subject_ref="Jané@example.org"),
    received(channel='a\nb, "c"'),
    received(jurisdiction=""),
    received(event_id="e9", request_id="r 9"),
    answered(),
    answered(event_type="granted"),
    answered(event_type="extended", purpose_codes="a;b"),
    answered(evidence_ref="jane@example.org"),
    answered(revision="3"),
    answered(occurred_at="2026-03-20 10:00"),
    answered(occurred_at="soon"),
    answered(colour="red"),
]
several_files = st.lists(
    st.tuples(st.lists(st.sampled_from(EVENTS), max_size=4), st.sampled_from([*["as it is"] * 6, *DISTURBED])),
    min_size=2,
    max_size=7,
)


def as_json_lines(rows) -> str:
    return "".join(json.dumps(row | {"purpose_codes": ["a", None]} if row.get("revision") else row) + "\n" for row in rows)


def landed(folder: Path, files, suffix: str, key: bytes | None = None) -> Project:
    folder.mkdir()
    project = Project(folder).source(time_zone="Europe/Dublin")
    if key is not None:
        (folder / "pseudonym.key").write_bytes(key)
    write = as_csv if suffix == "csv" else as_json_lines
    for number, (events, how) in enumerate(files):
        project.file(f"{number}.{suffix}{'.gz' if how == 'zipped' else ''}", DISTURBED[how](write(events)))
    project.land()
    return project


def what_is_recorded(project: Project) -> tuple:
    """Every row, every reject, and what the ledger states about each file but for the names of those that were written."""
    stated = []
    for line in project.ledger.lines():
        body = line.body | {"origin": line.body["origin"]["path"]}
        if line.kind == "batch":
            body |= {"file": line.body["file"] is not None, "sha256": None}
            body |= {"quarantine": line.body["quarantine"] and line.body["quarantine"]["reasons"]}
        stated.append(body)
    rejects = project.quarantine("select * from landing.quarantine order by all")
    return stated, project.query("select * from landing.requests order by batch_id, row_number, event_id"), rejects


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(files=several_files, suffix=st.sampled_from(["csv", "jsonl"]))
def test_files_of_text_land_together_as_one_after_the_other(files, suffix):
    with tempfile.TemporaryDirectory() as folder:
        together = landed(Path(folder) / "together", files, suffix)
        with patch.object(land, "is_plain", lambda _: False):
            apart = landed(Path(folder) / "apart", files, suffix, (together.folder / "pseudonym.key").read_bytes())
        assert what_is_recorded(together) == what_is_recorded(apart)


def landed_alone(project: Project) -> list[str]:
    """Land what is new; the names of the files that did not go together with others."""
    with patch.object(file_groups, "land_file", wraps=file_groups.land_file) as alone:
        project.land()
    return [call.args[1].file.name for call in alone.call_args_list]


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl", "jsonl.gz"])
def test_files_of_text_go_together(project, suffix):
    for number in range(5):
        rows = [received(event_id=f"e{number}"), answered(event_id="same") | dict.fromkeys(("subject_ref", "channel"))]
        text = as_csv(rows) if suffix.startswith("csv") else as_json_lines([dict.fromkeys(received()) | row for row in rows])
        project.file(f"{number}.{suffix}", gzip.compress(text.encode()) if suffix.endswith("gz") else text)
    assert landed_alone(project) == []
    assert project.query("select landed, duplicate from landing.batches order by seq") == [(2, 0)] + [(1, 1)] * 4
    assert project.column("row_number") == [1, 2, 1, 1, 1, 1]


def test_one_broken_file_keeps_no_other_from_going_together(project):
    for number in range(12):
        project.file(f"{number:02d}.csv", as_csv([received(event_id=f"e{number}")]) + ("x,y\n" if number == 7 else ""))
    alone = landed_alone(project)
    assert "07.csv" in alone
    assert len(alone) < 4
    assert project.query("select count(*), sum(landed), sum(quarantined) from landing.batches") == [(12, 12, 1)]


def test_files_with_other_columns_between_them_keep_their_order(project):
    for number in range(4):
        wide = {"channel": "email"} if number % 2 else {}
        project.file(f"{number}.csv", [answered(event_id="same", **wide)])
    assert landed_alone(project) == ["0.csv", "1.csv", "2.csv", "3.csv"]
    assert project.query("select landed, conflicting, duplicate from landing.batches order by seq") == [
        (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1),
    ]  # fmt: skip
