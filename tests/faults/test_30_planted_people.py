"""Fault 30: PII canaries: of fifty invented people in every log, column, header and file name nothing is kept, logged or shown.

One organisation, full of them, is run, exported, asked and shown, each by real processes that start under umask 000; so the same
home shows that everything in it is closed to others.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from command import CommandResult, promisekept
from planted import PEOPLE, TRACES, planted, traces
from streamlit import config
from streamlit.testing.v1 import AppTest

from dashboards.page import PAGES
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "dashboards" / "app.py"
COMMANDS = (
    ("run", "--as-of", "2026-06-01T00:00:00Z"),
    ("run", "--as-of", "2026-07-01T00:00:00Z", "--format", "json"),
    ("export", "--period", "2026-Q1", "--audience", "auditor", "--out"),
    ("export", "--period", "2026-Q1", "--audience", "public", "--out"),
    ("check", "--format", "json"),
    ("quarantine", "list", "--format", "json"),
    ("quarantine", "retry"),
    ("explain", "requests:req-1"),
    ("alerts", "list"),
    ("fsck",),
    ("--verbose", "reland", "--source", "tickets", "--reason", "tried again"),
)


@dataclass(frozen=True)
class Kept:
    """What is left of an organisation and its people: the folder, its home, and the output of each command."""

    folder: Path
    roots: tuple[Path, ...]
    texts: dict[tuple[str, ...], CommandResult]


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Kept:
    folder = planted(tmp_path_factory.mktemp("planted")).folder
    (folder / "dagster").mkdir(mode=0o700)
    shutil.copyfile(ROOT / "promisekept" / "project" / "dagster.yaml", folder / "dagster" / "dagster.yaml")
    (folder / "dagster" / "dagster.yaml").chmod(0o600)
    texts = {}
    before = os.umask(0)
    try:
        for command in COMMANDS:
            extra = [folder / "out" / f"{len(texts)}.zip"] if command[-1] == "--out" else []
            env = {"DAGSTER_HOME": str(folder / "dagster")}
            texts[command] = promisekept(*command, *extra, "--config", folder / "promisekept.yml", env=env, timeout=600)
    finally:
        os.umask(before)
    return Kept(folder, tuple(folder / name for name in (".promisekept", "dagster", "out")), texts)


def test_the_search_finds_them_where_they_were_planted(kept, tmp_path):
    """Guards the guard: all fifty are in the inbox, and the search sees into what is packed."""
    inbox = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in (kept.folder / "inbox").rglob("*.jsonl"))
    assert [one for one in PEOPLE[:25] if one.email not in inbox] == []
    assert len(traces(kept.folder / "inbox")) > 12
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("create table t as select ? as name from range(5000)", [PEOPLE[0].name])
        connection.execute(f"copy t to '{tmp_path}/a.parquet' (compression zstd)")
    assert len(traces(tmp_path)) == 2


def test_every_command_did_its_work(kept):
    codes = {" ".join(command): one.code for command, one in kept.texts.items()}
    assert set(codes.values()) <= {0, 1}, {name: kept.texts[command].err for command in COMMANDS if (name := " ".join(command))}
    assert {line.kind for line in Ledger.open(kept.roots[0]).lines()} >= {"batch", "held_back", "snapshot", "export"}


def test_no_one_is_named_by_what_a_command_says(kept):
    assert [command for command, one in kept.texts.items() if TRACES.search(one.out + one.err)] == []


def test_no_one_is_named_in_a_file_below_home_or_in_a_bundle(kept):
    suffixes = {path.suffix for root in kept.roots for path in root.rglob("*")}
    assert {".parquet", ".duckdb", ".jsonl", ".db", ".json", ".zip"} <= suffixes
    assert [found for root in kept.roots for found in traces(root)] == []


def test_no_one_is_named_on_a_page_of_the_dashboard(kept, monkeypatch):
    """Everything that a page sends to the browser: texts, tables as Arrow, charts with their frames."""
    monkeypatch.setattr(sys, "argv", ["app.py", "--home", str(kept.roots[0])])
    config.set_option("server.address", "127.0.0.1")  # as `promisekept dashboard` does: AppTest starts no server
    pages = [file for members in PAGES.values() for file, *_ in members]
    sent = {}
    app = AppTest.from_file(str(APP), default_timeout=120).run()
    for file in pages:
        app.switch_page(file).run()
        assert not app.exception, (file, app.exception)
        sent[file] = b"".join(_messages(app._tree))
    assert min(map(len, sent.values())) > 500
    assert b"requests" in sent[pages[0]]
    assert [file for file, content in sent.items() if TRACES.search(content.decode("utf-8", errors="replace"))] == []


def _messages(block):
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from _messages(child)
        else:
            yield child.proto.SerializeToString()


def test_whatever_the_umask_everything_that_was_written_is_its_owners_alone(kept):
    """Snapshots, locks and the pointer had modes of their own that let others read, and the rest had the umask's."""
    written = [path for root in kept.roots for path in (root, *root.rglob("*"))]
    modes = {str(path.relative_to(kept.folder)): stat.S_IMODE(path.lstat().st_mode) for path in written if not path.is_symlink()}
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
