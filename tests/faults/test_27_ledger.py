"""Fault 27: ledger truncated / rewritten / forked: it does not extend the last checkpoint kept elsewhere."""

from __future__ import annotations

import shutil

import pytest
from source_project import Project, answered, received

from promisekept.publishing.fsck import fsck
from promisekept.sources.zone.ledger import Ledger


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Six deliveries, and the checkpoint that somebody else keeps after the fourth."""
    project = Project(tmp_path_factory.mktemp("kept"))
    for number in range(6):
        project.file(f"{number}.csv", [received(event_id=f"a{number}"), answered(event_id=f"b{number}")])
        project.land()
        if number == 3:
            ledger = project.ledger
            checkpoint = (ledger.seq, ledger.merkle_root)
    return project, checkpoint


def damaged(kept, folder):
    project, checkpoint = kept
    shutil.copytree(project.folder / "home", folder / "home")
    assert fsck(folder / "home", checkpoint) == []
    return folder / "home", folder / "home" / "landing" / "ledger.jsonl", checkpoint


def named(home, checkpoint):
    problems = fsck(home, checkpoint)
    assert all(problem.remedy for problem in problems)
    return [problem.says for problem in problems]


@pytest.mark.parametrize("lost", [3, 4, 5])
def test_a_ledger_that_lost_its_last_lines_does_not_extend_the_checkpoint(kept, tmp_path, lost):
    home, path, checkpoint = damaged(kept, tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-lost]))
    assert Ledger.open(home).verify() == [], "what is left is a whole chain: only the checkpoint shows the loss"
    assert any("does not extend the checkpoint of 4 lines" in says for says in named(home, checkpoint))


@pytest.mark.parametrize("line", range(6))
def test_a_ledger_with_one_edited_line_is_named_by_that_line(kept, tmp_path, line):
    home, path, checkpoint = damaged(kept, tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"read":2', b'"read":1')
    path.write_bytes(b"".join(lines))
    assert any("the line was changed" in says for says in named(home, checkpoint))


def test_a_fork_that_was_written_anew_with_fitting_hashes_does_not_extend_the_checkpoint(kept, tmp_path):
    home, path, checkpoint = damaged(kept, tmp_path)
    lines = list(Ledger.open(home).lines())
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    forked = Ledger.open(home)
    for line in lines[3:]:
        forked.append(line.kind, {**line.body, "source": "forged"}, line.at, line.content_hash)
    assert Ledger.open(home).verify() == []
    assert any("does not extend the checkpoint of 4 lines" in says for says in named(home, checkpoint))
