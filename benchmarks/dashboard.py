"""What the dashboard takes to answer: every page once, one filter changed, and many readers at once.

Here: what `python -m benchmarks dashboard` opens and prints. Not here: the server and its readers (served.py).

A server is warm from a day's reading when a new snapshot comes: its process has opened every page and changed filters, asks the
new snapshot what it was asked of the last one, and then readers come. So what lies in home are links here, first into a tiny
home, then into the one that is measured, whose last two snapshots become current one after the other.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import yaml

from benchmarks.served import Server, Session, Window, browser, served, window
from dashboards import warming
from dashboards.page import PAGES
from promisekept.project.scaffold import scaffold
from promisekept.publishing.store import SnapshotStore

FIRST, FILTER = 1.0, 0.3
SESSIONS = 20
_IDLE = 0.05
"""Seconds of processors within one of the wall."""
PAUSE = 5.0
"""Seconds that a reader looks at a page at the least before opening the next one."""

Cost = tuple[float | None, float]
"""Seconds until the page was there, None where there was nothing to do; seconds of processors that the server used."""


def measure(folder: Path, measured: Path, tiny: Path, sessions: int) -> None:
    """Open everything and print what it took.

    Args:
        folder: for the project whose home changes.
        measured: the promisekept.yml of a published project.
        tiny: that of another one, to warm the process with.
        sessions: how many readers come at once at the end.
    """
    scaffold(folder / "read", organisation="Benchmark Ltd", country="IE", time_zone="Europe/Dublin")
    config, home = folder / "read" / "promisekept.yml", folder / "home"
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    config.write_text(yaml.safe_dump(settings | {"home": str(home)}), encoding="utf-8")
    pages = [(title, f"/{path}") for members in PAGES.values() for _, title, _, path in members]
    _show(home, tiny.with_name(".promisekept"))
    with served(config) as server:
        with browser() as started, window(started, server) as reader:
            for _, path in pages:
                reader.open(path)
                reader.change()
            before = server.processor
            _show(home, measured.with_name(".promisekept"), server)
            print(f"The server asked new snapshots what it was asked before: {server.processor - before:.1f} s of processors")
            _one_reader(server, reader, pages)
        _many_readers(server, [path.removeprefix("/") for _, path in pages], sessions)


def _one_reader(server: Server, reader: Window, pages: Sequence[tuple[str, str]]) -> None:
    print("One reader in chromium: seconds on the wire from asking to the end of the answer, and those of processors between")
    print(f"  {'':<16}{'first render':>20}{'again':>20}{'filter':>20}   goal: {FIRST:g} and {FILTER:g} at most")
    for title, path in pages:
        first = _cost(server, functools.partial(reader.open, path))
        broken = "   a part could not be shown" if reader.has_error else ""
        again = _cost(server, functools.partial(reader.open, path))
        changed = _cost(server, reader.change)
        late = [
            name
            for name, (seconds, _), goal in (("first", first, FIRST), ("filter", changed, FILTER))
            if seconds and seconds > goal
        ]
        over = f"   over: {', '.join(late)}" if late else ""
        print(f"  {title:<16}{_shown(first)}{_shown(again)}{_shown(changed)}{over}{broken}", flush=True)


def _show(home: Path, published: Path, server: Server | None = None) -> None:
    """Let home hold what another one holds, and each of its last two snapshots be current, the newer one in the end."""
    home.mkdir(exist_ok=True)
    for entry in published.iterdir():
        if entry.name != "CURRENT":
            link = home / f"{entry.name}.new"
            link.symlink_to(entry.absolute())
            link.replace(home / entry.name)
    store = SnapshotStore(home)
    for snapshot in reversed(store.list()[:2]):
        store.point_to(snapshot)
        if server is not None:
            _wait_until_idle(server)


def _wait_until_idle(server: Server) -> None:
    time.sleep(2 * warming.EVERY)
    used = -1.0
    while server.processor - used > _IDLE:
        used = server.processor
        time.sleep(1)


def _cost(server: Server, act: Callable[[], float | None]) -> Cost:
    before = server.processor
    seconds = act()
    return seconds, server.processor - before


def _shown(cost: Cost) -> str:
    seconds, processor = cost
    return f"{'none':>20}" if seconds is None else f"{seconds:8.2f} ({processor:5.2f} cpu)"


def _many_readers(server: Server, names: Sequence[str], sessions: int) -> None:
    before = server.memory
    readers = [Session(server.base) for _ in range(sessions)]
    with ThreadPoolExecutor(sessions) as pool:
        rounds = list(pool.map(lambda at: _round(readers[at], _from(names, at), PAUSE * at / sessions), range(sessions)))
    after = server.memory
    for reader in readers:
        reader.close()
    first, every = max(one[0] for one in rounds), sorted(seconds for one in rounds for seconds in one[1:])
    print(f"\n{sessions} readers at once, each through {len(names)} pages, looking at each for {PAUSE:g} s")
    print(f"  seconds until a page is there     {first:.2f} for the last of all who open one at the same moment; then median"
          f" {median(every):.2f}, 95th of 100 {every[len(every) * 95 // 100]:.2f}, worst {every[-1]:.2f}")  # fmt: skip
    print(f"  memory of the server, MiB         {before / 2**20:.0f} before, {after / 2**20:.0f} after:"
          f" {(after - before) / sessions / 2**20:.1f} for each reader")  # fmt: skip


def _from(names: Sequence[str], at: int) -> list[str]:
    """Each reader begins at another page, as people do."""
    first = at % len(names)
    return [*names[first:], *names[:first]]


def _round(reader: Session, names: Sequence[str], later: float) -> list[float]:
    """What each page took, the first one at the same moment as everybody's; from then on people do not read in step."""
    costs = []
    for name in names:
        costs.append(reader.visit(name))
        time.sleep(PAUSE if len(costs) > 1 else PAUSE + later)
    return costs
