"""Fault 1: kill -9 at each stage: readers see the old snapshot or the new one, nothing is lost, and one rerun is the reference.

Stages are named (crash_points.py); one more comes whenever it comes. Bundles, signatures and the export log as well.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import crash_points
import pytest
from aftermath import LEFT_BY_A_KILL, published_marts, require_balance, require_sound
from command import promisekept
from world import World

from promisekept.publishing.export_log import entries
from promisekept.publishing.last_good import find_shown
from promisekept.publishing.reader import open_snapshot
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

OF_A_RUN = list(crash_points.CRASH_AT)[:11]
AFTER_A_KILL = (*LEFT_BY_A_KILL, "a write was cut short", "it names")
SIGNING = ("--prepared-by", "analyst", "--reviewed-by", "counsel", "--approved-by", "officer")


@dataclass(frozen=True)
class Project:
    """A project with something published and something delivered since."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / ".promisekept"

    def copy(self, folder: Path) -> Project:
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project(folder)

    def run(self, point: str = "", seconds: float | None = None, as_of: str = "2026-06-02T00:00:00Z") -> int:
        return self.do("run", "--as-of", as_of, point=point, seconds=seconds)

    def do(self, *arguments: str | Path, point: str = "", seconds: float | None = None) -> int:
        command = [*arguments[:1], "--config", self.folder, *arguments[1:]]
        return crash_points.run(command, self.folder / "output", point=point, seconds=seconds)

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8")

    @property
    def landed(self) -> dict[str, int]:
        """How many rows were read and what became of them, over all batches."""
        counts = [line.body["counts"] for line in Ledger.open(self.home).lines("batch")]
        return {name: sum(count.get(name, 0) for count in counts) for name in ("read", "landed", "duplicate", "quarantined")}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Four requests published; another, an answer, the first file again and a bad row wait in the inbox."""
    folder = tmp_path_factory.mktemp("template") / "project"
    folder.mkdir()
    world, project = World(folder), Project(folder)
    (folder / "keys" / "pseudonym.key").write_text("ab" * 32, encoding="ascii")
    for number in range(4):
        request = world.request(f"r{number}", received=f"2026-01-0{5 + number}")
        if number:
            request.fulfilled(f"2026-02-0{number}")
    first = list(world.events)
    world.deliver()
    assert project.run(as_of="2026-06-01T00:00:00Z") == 0, project.output
    world.request("r4", received="2026-05-01")
    world.requests["r0"].fulfilled("2026-05-20")
    news, world.events = world.events, []
    world.deliver([*news, *first[:2], {"event_id": "bad", "request_id": "r9", "event_type": "lost"}])
    return project


@pytest.fixture(scope="module")
def reference(template: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, float]:
    """The same, run without a fault, and how long that took."""
    project = template.copy(tmp_path_factory.mktemp("reference") / "project")
    begun = time.monotonic()
    assert project.run() == 0, project.output
    assert find_shown(project.home).id.startswith("0002-")
    assert project.landed["duplicate"] == 2
    assert project.landed["quarantined"] == 1
    return project, time.monotonic() - begun


def require_readable(project: Project) -> str:
    """What readers are shown is whole and undamaged; returns its name."""
    shown = find_shown(project.home)
    assert shown.damaged is None
    with open_snapshot(project.home, shown.id) as snapshot:
        (requests,) = snapshot.cursor().execute("select count(*) from marts.fct_requests").fetchall()
    assert requests == ((4,) if shown.id.startswith("0001-") else (5,))
    return shown.id


def require_the_reference(project: Project, reference: Project) -> None:
    assert project.run() == 0, project.output
    assert published_marts(project.home) == published_marts(reference.home)
    assert find_shown(project.home).id.startswith("0002-")
    assert project.landed == reference.landed
    require_sound(project.home)
    require_balance(project.home)


def test_a_run_killed_at_each_stage_leaves_old_or_new_and_one_rerun_is_the_reference(template, reference, tmp_path):
    """Each run meets what the one killed before it has left."""
    project = template.copy(tmp_path / "project")
    for point in OF_A_RUN:
        assert project.run(point) == -signal.SIGKILL, f"it never came to {point}"
        shown = require_readable(project)
        assert shown.startswith("0001-" if point != "pointer" else ("0001-", "0002-")), point
        require_sound(project.home, allowed=AFTER_A_KILL)
    require_the_reference(project, reference[0])


def test_a_run_killed_at_any_time_leaves_old_or_new_and_one_rerun_is_the_reference(template, reference, tmp_path):
    undisturbed, took = reference
    project = template.copy(tmp_path / "project")
    assert project.run(seconds=took * random.uniform(0.1, 0.9)) in (-signal.SIGKILL, 0)
    require_readable(project)
    require_the_reference(project, undisturbed)


def test_an_export_and_a_signing_killed_at_a_stage_leave_nothing_half_done_and_are_repeated(reference, tmp_path):
    undisturbed, _ = reference
    project = undisturbed.copy(tmp_path / "project")
    export = ("export", "--period", "2026-Q1", "--regime", "EU_GDPR", "--format", "json")
    for point in ("bundle", "log append, export"):
        assert project.do(*export, point=point) == -signal.SIGKILL, "it never came to that point"
        assert not [path for path in (project.home / "evidence").glob("[!.]*") if path.is_dir()]
        assert entries(project.home) == []
        require_sound(project.home, allowed=AFTER_A_KILL)
    result = promisekept(*export, "--config", project.folder)
    again = promisekept(*export, "--config", undisturbed.folder)
    assert (result.code, again.code) == (0, 0), result.err + again.err
    assert result.json["fingerprint"] == again.json["fingerprint"]
    assert len(entries(project.home)) == 1

    bundle = Path(result.json["bundle"])
    keys = project.folder / "signing"
    assert promisekept("keys", "signing", keys, "--organisation", "Example Ltd").code == 0
    release = ("release", bundle, *SIGNING, "--key", keys / "signing.pem")
    before = sorted(path for path in bundle.rglob("*"))
    assert project.do(*release, point="sign") == -signal.SIGKILL, "it never came to that point"
    assert sorted(path for path in bundle.rglob("*")) == before
    assert promisekept("verify", bundle).code == 0, "the draft is what it was"
    assert project.do(*release) == 0, project.output
    verified = promisekept("verify", bundle, "--trust", keys / "signing.crt", "--time-trust", keys / "time-authority.crt")
    assert verified.code == 0, verified.out
    require_sound(project.home)
