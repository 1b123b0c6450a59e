"""What the product takes with all logs beside the least that the same facts could take.

Here: the runs of `python -m benchmarks all` and what is printed of them. Not here: how a run is measured (measure.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare import differences
from benchmarks.generate import AS_OF, LATER
from benchmarks.measure import Cost, published, run_lean, run_product, slowest_nodes, write_logs, write_project
from benchmarks.telling import say, say_parts

TINY = 2_000
LIMIT, SHARE, MEMORY = 2.0, 0.10, 24.0


@dataclass(frozen=True)
class Wishes:
    """What is to be measured.

    Attributes:
        events: how many, of all logs.
        memory_limit: of DuckDB in the product, such as 8GB.
        growth: run a tenth of the size as well.
        nodes: build once more and list the slowest models and tests.
    """

    events: int
    memory_limit: str | None = None
    growth: bool = False
    nodes: bool = False


def measure(folder: Path, wishes: Wishes) -> None:
    """Compare the product with the lean script on all logs, then bring a further day, and print what each took.

    Args:
        folder: empty; everything is written below it.
        wishes: what is to be measured.

    Raises:
        SystemExit: the two do not say the same.
    """
    rows = write_logs(folder / "inbox", wishes.events)
    print(f"{rows:,} rows of nine logs, two years" + (f"; at most {wishes.memory_limit}" if wishes.memory_limit else "") + "\n")
    write_logs(folder / "tiny-inbox", TINY, "--one-file")
    tiny = write_project(folder / "tiny", folder / "tiny-inbox", all_logs=True, memory_limit=wishes.memory_limit)
    first = run_product(tiny, AS_OF)
    say("product, tiny inbox, first run of a home", first)
    overhead = run_product(tiny, LATER)
    say("product, tiny inbox, every later run", overhead)
    config = write_project(folder / "project", folder / "inbox", all_logs=True, memory_limit=wishes.memory_limit)
    lean = run_lean(folder / "inbox", folder / "lean", AS_OF, config.parent)
    say("lean script", lean)
    product = run_product(config, AS_OF)
    say("product", product)
    found = differences(folder / "lean" / "snapshot.duckdb", published(config))
    day = write_logs(folder / "inbox", wishes.events, "--day")
    further = run_product(config, LATER)
    say(f"product, a further day of {day:,} rows", further)
    smaller = _a_tenth(folder, wishes) if wishes.growth else None

    print("\nof the wall's clock, and of the processors':")
    for name, of in _CLOCKS:
        built, added = of(product) - of(overhead), of(further) - of(overhead)
        _fraction("(product - overhead) / lean", f"{built / of(lean):.2f}", name, f"{LIMIT:g}")
        _fraction("further day / full build", f"{of(further) / of(product):.1%}", name, f"{SHARE:.0%}")
        _fraction("the same without the overheads", f"{added / built:.1%}", name, f"{SHARE:.0%}")
        if smaller:
            _fraction("full build / that of a tenth", f"{of(product) / of(smaller):.2f}", name, "10")
            _fraction("the same without the overheads", f"{built / (of(smaller) - of(overhead)):.2f}", name, "10")
    _fraction("memory at peak, GiB", f"{product.memory / 2**30:.2f}", "of the largest process", f"{MEMORY:g}")
    say_parts("stages of the product, s", product.parts)
    say_parts("stages of the further day, s", further.parts)
    if wishes.nodes:
        say_parts("slowest nodes of a day with nothing new, s", slowest_nodes(config, LATER, 20, from_scratch=False))
        say_parts("slowest nodes of a build from scratch, s", slowest_nodes(config, LATER, 30))
    say_parts("parts of the lean script, s", _by_file(lean.parts))
    say_parts("slowest statements of the lean script, s", dict(list(lean.parts.items())[:12]))
    if found:
        raise SystemExit("\nThe two do not say the same:\n" + "\n".join(f"  {difference}" for difference in found))
    print("\nBoth say the same about every fact.")


_CLOCKS: tuple[tuple[str, Callable[[Cost], float]], ...] = (
    ("by seconds", lambda cost: cost.seconds),
    ("by processor seconds", lambda cost: cost.processor),
)


def _fraction(of_what: str, value: str, by: str, promised: str) -> None:
    print(f"  {of_what:<34}{value:>8}   {by:<24} promised: {promised} at most")


def _a_tenth(folder: Path, wishes: Wishes) -> Cost:
    write_logs(folder / "tenth-inbox", wishes.events // 10)
    config = write_project(folder / "tenth", folder / "tenth-inbox", all_logs=True, memory_limit=wishes.memory_limit)
    cost = run_product(config, AS_OF)
    say("product, a tenth of the events", cost)
    return cost


def _by_file(parts: dict[str, float]) -> dict[str, float]:
    files: dict[str, float] = {}
    for name, seconds in parts.items():
        file = name.partition(":")[0]
        files[file] = files.get(file, 0.0) + seconds
    return dict(sorted(files.items(), key=lambda item: -item[1]))
