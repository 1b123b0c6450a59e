"""What the product takes with all logs beside the least that the same facts could take.

Here: the runs of `python -m benchmarks all` and what is printed of them. Not here: how a run is measured (measure.py), or what
was measured before (history.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from tempfile import mkdtemp

from benchmarks import history
from benchmarks.compare import Difference, differences
from benchmarks.logs import AS_OF, DAYS, LATER
from benchmarks.measure import (
    Cost,
    print_cost,
    print_parts,
    published,
    run_lean,
    run_product,
    slowest_nodes,
    write_logs,
    write_project,
)

TINY = 2_000
LIMIT, SHARE, MEMORY = 1.5, 0.10, 24.0
TENTH, GROWTH = 10, 3.0
"""How many times longer one history is than the other where growth is measured, and how many times as long its day may take."""
IDLE = 3.0  # seconds of a run with nothing new
AGAIN = 2
"""So often all is measured again where a ratio seems worse: of a million events one version gave a day of 0.21 and of 0.52 of a
full build."""


def build(folder: Path, name: str, events: int, *options: str, memory_limit: str | None = None) -> tuple[Path, int]:
    """Write a project and its inbox; its promisekept.yml and the number of rows."""
    rows = write_logs(folder / f"{name}-inbox", events, *options)
    return write_project(folder / name, folder / f"{name}-inbox", memory_limit=memory_limit), rows


def published_in(folder: Path, name: str) -> Path:
    """The promisekept.yml of a project that an earlier run left in a folder.

    Raises:
        SystemExit: nothing is published there.
    """
    config = folder / name / "promisekept.yml"
    if not (config.parent / ".promisekept" / "CURRENT").is_file():
        raise SystemExit(
            f"{config}: nothing is published there.\n"
            "  Name the folder that `python -m benchmarks all --keep` printed, or leave --kept out to build one."
        )
    return config


@dataclass(frozen=True)
class Costs:
    """What the runs of one size took.

    Attributes:
        first: of a tiny inbox, in a new home: imports, compiling the models, and starting each of them.
        later: the same in every later run, which compiles nothing.
        lean: of the lean script.
        full: of the product.
        day: of a further day.
        idle: of a run with nothing new.
        tenth: of the product with a tenth of the events.
        tenth_day: of a further day of as many rows as `day`, with a tenth of the events before it.
    """

    first: Cost
    later: Cost
    lean: Cost
    full: Cost
    day: Cost
    idle: Cost
    tenth: Cost | None = None
    tenth_day: Cost | None = None

    def ratios(self, of: Callable[[Cost], float]) -> dict[str, tuple[float, float]]:
        """Each ratio with its goal, by one clock."""
        built, added = of(self.full) - of(self.first), of(self.day) - of(self.later)
        found = {
            "(full build - overhead) / lean": (built / of(self.lean), LIMIT),
            "(day - overhead) / (full build - overhead)": (added / built, SHARE),
            "nothing new / full build": (of(self.idle) / of(self.full), IDLE / of(self.full)),
        }
        if self.tenth and self.tenth_day:
            found["full build / that of a tenth, less overheads"] = (built / (of(self.tenth) - of(self.first)), TENTH)
            found["day / as many rows on a tenth, less overheads"] = (added / (of(self.tenth_day) - of(self.later)), GROWTH)
        return found

    def least(self, other: Costs) -> Costs:
        """Of each process the run that took the fewer processor seconds: what else a machine does only ever adds some."""
        pairs = {each.name: (getattr(self, each.name), getattr(other, each.name)) for each in fields(self)}
        return Costs(**{name: pair[0] and min(pair, key=_PROCESSOR) for name, pair in pairs.items()})


def checked(costs: Costs, events: int, margin: float, again: Callable[[], Costs]) -> tuple[Costs, list[str]]:
    """Which ratios are worse than the recent ones, and stay so while all is measured again.

    Args:
        costs: what was measured.
        events: how many, of all logs.
        margin: the factor by which a ratio may exceed its highest recent one.
        again: the same runs, in a new folder.

    Returns:
        The least that was measured, and a line for each ratio of it that is worse.
    """
    worse = history.worsened(events, _by_processor(costs), margin=margin)
    for _ in range(AGAIN):
        if worse:
            print("\nWorse than the last time, so all is measured again:", *worse, sep="\n  ", flush=True)
            costs = costs.least(again())
            worse = history.worsened(events, _by_processor(costs), margin=margin)
    return costs, worse


def measure(
    folder: Path, events: int, memory_limit: str | None, *, growth: bool, nodes: bool, record: bool, check: bool, margin: float
) -> None:
    """Compare the product with the lean script on all logs, then bring a further day, and print what each took.

    Args:
        folder: empty; everything is written below it.
        events: how many, of all logs.
        memory_limit: of DuckDB, in the product and in the lean script, such as 8GB.
        growth: run a tenth of the size as well, with a day of as many rows.
        nodes: build once more and list the slowest models and tests.
        record: append the ratios by processor seconds to the history.
        check: compare these with the recent ones of the history.
        margin: the factor by which one of them may exceed its highest recent one.

    Raises:
        SystemExit: the two differ, or a ratio is worse than the recent ones.
    """
    costs, found, config = _runs(folder, events, memory_limit, growth=growth)
    for clock, of in _CLOCKS.items():
        print(f"\nby {clock}:")
        for name, (value, goal) in costs.ratios(of).items():
            print(f"  {name:<46}{value:>8.3f}   goal: {goal:.3g} at most")
    print(f"\nmemory at peak, of the largest process: {costs.full.memory / 2**30:.2f} GiB   goal: {MEMORY:g} at most")
    print_parts("stages of the product, s", costs.full.parts)
    print_parts("stages of the further day, s", costs.day.parts)
    if nodes:
        print_parts("slowest nodes of a day with nothing new, s", slowest_nodes(config, LATER, 20, from_scratch=False))
        print_parts("slowest nodes of a build from scratch, s", slowest_nodes(config, LATER, 30))
    print_parts("parts of the lean script, s", _by_file(costs.lean.parts))
    print_parts("slowest statements of the lean script, s", dict(list(costs.lean.parts.items())[:12]))
    if found:
        raise SystemExit("\nThe two differ:\n" + "\n".join(f"  {difference}" for difference in found))
    print("\nEvery fact is the same in both.")
    if check:

        def again() -> Costs:
            return _runs(Path(mkdtemp(dir=folder)), events, memory_limit, growth=growth)[0]

        costs, worse = checked(costs, events, margin, again)
        if worse:
            raise SystemExit("\n  ".join(["\nWorse than the last time:", *worse]))
    if record:
        history.append(events, _by_processor(costs))


_PROCESSOR: Callable[[Cost], float] = attrgetter("processor")
_CLOCKS: dict[str, Callable[[Cost], float]] = {
    "the seconds of the wall": attrgetter("seconds"),
    "processor seconds": _PROCESSOR,
}


def _by_processor(costs: Costs) -> dict[str, float]:
    return {name: value for name, (value, _) in costs.ratios(_PROCESSOR).items()}


def _runs(folder: Path, events: int, memory_limit: str | None, *, growth: bool) -> tuple[Costs, list[Difference], Path]:
    """What each run took, where the two programs differ, and the promisekept.yml of the product."""
    config, rows = build(folder, "project", events, memory_limit=memory_limit)
    print(f"{rows:,} rows of nine logs, two years" + (f"; at most {memory_limit}" if memory_limit else "") + "\n")
    tiny, _ = build(folder, "tiny", TINY, "--one-file", memory_limit=memory_limit)
    first = _run("product, tiny inbox, first run of a home", tiny, AS_OF)
    later = _run("product, tiny inbox, every later run", tiny, LATER)
    inbox = folder / "project-inbox"
    lean = run_lean(inbox, folder / "lean", AS_OF, config.parent, memory_limit)
    print_cost("lean script", lean)
    full = _run("product", config, AS_OF)
    found = differences(folder / "lean" / "snapshot.duckdb", published(config), memory_limit)
    day = write_logs(inbox, events, "--day")
    further = _run(f"product, a further day of {day:,} rows", config, LATER)
    idle = _run("product, nothing new", config, LATER)
    tenth = tenth_day = None
    if growth:
        smaller, _ = build(folder, "tenth", events // TENTH, memory_limit=memory_limit)
        tenth = _run("product, a tenth of the events", smaller, AS_OF)
        news = write_logs(folder / "tenth-inbox", events, "--day", "--parts", str(DAYS // TENTH))
        tenth_day = _run(f"product, a further day of {news:,} rows after these", smaller, LATER)
    return Costs(first, later, lean, full, further, idle, tenth, tenth_day), found, config


def _run(what: str, config: Path, as_of: str) -> Cost:
    cost = run_product(config, "run", "--as-of", as_of)
    print_cost(what, cost)
    return cost


def _by_file(parts: Mapping[str, float]) -> dict[str, float]:
    files: dict[str, float] = {}
    for name, seconds in parts.items():
        file = name.partition(":")[0]
        files[file] = files.get(file, 0.0) + seconds
    return dict(sorted(files.items(), key=lambda item: -item[1]))
