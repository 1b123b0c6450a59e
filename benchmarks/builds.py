"""What the product takes with all logs beside the least that the same facts could take.

Here: the runs of `python -m benchmarks all` and what is printed of them. Not here: how a run is measured (measure.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.compare import differences
from benchmarks.logs import AS_OF, LATER
from benchmarks.measure import (
    Cost,
    published,
    run_lean,
    run_product,
    say,
    say_parts,
    slowest_nodes,
    write_logs,
    write_project,
)

TINY = 2_000
LIMIT, SHARE, MEMORY = 1.5, 0.10, 24.0
IDLE = 3.0  # seconds of a run with nothing new


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


def measure(folder: Path, events: int, memory_limit: str | None, *, growth: bool, nodes: bool) -> None:
    """Compare the product with the lean script on all logs, then bring a further day, and print what each took.

    Args:
        folder: empty; everything is written below it.
        events: how many, of all logs.
        memory_limit: of DuckDB in the product, such as 8GB.
        growth: run a tenth of the size as well.
        nodes: build once more and list the slowest models and tests.

    Raises:
        SystemExit: the two differ.
    """
    config, rows = build(folder, "project", events, memory_limit=memory_limit)
    print(f"{rows:,} rows of nine logs, two years" + (f"; at most {memory_limit}" if memory_limit else "") + "\n")
    tiny, _ = build(folder, "tiny", TINY, "--one-file", memory_limit=memory_limit)
    say("product, tiny inbox, first run of a home", run_product(tiny, "run", "--as-of", AS_OF))
    overhead = run_product(tiny, "run", "--as-of", LATER)
    say("product, tiny inbox, every later run", overhead)
    inbox = folder / "project-inbox"
    lean = run_lean(inbox, folder / "lean", AS_OF, config.parent)
    say("lean script", lean)
    product = run_product(config, "run", "--as-of", AS_OF)
    say("product", product)
    found = differences(folder / "lean" / "snapshot.duckdb", published(config))
    day = write_logs(inbox, events, "--day")
    further = run_product(config, "run", "--as-of", LATER)
    say(f"product, a further day of {day:,} rows", further)
    idle = run_product(config, "run", "--as-of", LATER)
    say("product, nothing new", idle)
    smaller = None
    if growth:
        tenth, _ = build(folder, "tenth", events // 10, memory_limit=memory_limit)
        smaller = run_product(tenth, "run", "--as-of", AS_OF)
        say("product, a tenth of the events", smaller)

    print("\nby the wall's clock, and by the processors':")
    for name, of in _CLOCKS:
        built, added = of(product) - of(overhead), of(further) - of(overhead)
        _fraction("(product - overhead) / lean", f"{built / of(lean):.2f}", name, f"{LIMIT:g}")
        _fraction("further day / full build", f"{of(further) / of(product):.1%}", name, f"{SHARE:.0%}")
        _fraction("the same without the overheads", f"{added / built:.1%}", name, f"{SHARE:.0%}")
        _fraction("nothing new / full build", f"{of(idle) / of(product):.1%}", name, f"{IDLE / of(product):.1%}")
        if smaller:
            _fraction("full build / that of a tenth", f"{of(product) / of(smaller):.2f}", name, "10")
            _fraction("the same without the overheads", f"{built / (of(smaller) - of(overhead)):.2f}", name, "10")
    _fraction("memory at peak, GiB", f"{product.memory / 2**30:.2f}", "of the largest process", f"{MEMORY:g}")
    say_parts("stages of the product, s", product.parts)
    say_parts("stages of the further day, s", further.parts)
    if nodes:
        say_parts("slowest nodes of a day with nothing new, s", slowest_nodes(config, LATER, 20, from_scratch=False))
        say_parts("slowest nodes of a build from scratch, s", slowest_nodes(config, LATER, 30))
    say_parts("parts of the lean script, s", _by_file(lean.parts))
    say_parts("slowest statements of the lean script, s", dict(list(lean.parts.items())[:12]))
    if found:
        raise SystemExit("\nThe two differ:\n" + "\n".join(f"  {difference}" for difference in found))
    print("\nEvery fact is the same in both.")


_CLOCKS: tuple[tuple[str, Callable[[Cost], float]], ...] = (
    ("by seconds", lambda cost: cost.seconds),
    ("by processor seconds", lambda cost: cost.processor),
)


def _fraction(of_what: str, value: str, by: str, goal: str) -> None:
    print(f"  {of_what:<34}{value:>8}   {by:<24} goal: {goal} at most")


def _by_file(parts: Mapping[str, float]) -> dict[str, float]:
    files: dict[str, float] = {}
    for name, seconds in parts.items():
        file = name.partition(":")[0]
        files[file] = files.get(file, 0.0) + seconds
    return dict(sorted(files.items(), key=lambda item: -item[1]))
