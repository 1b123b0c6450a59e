"""`python -m benchmarks`: what the product takes beside the least that the same work could take."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.compare import differences
from benchmarks.generate import AS_OF, LATER
from benchmarks.measure import Cost, published, run_lean, run_product, slowest_nodes, write_log, write_project

TINY = 30
LATER_EVENTS = 1_000
LIMIT, OVERHEAD = 2.0, 12.0


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description="Compare the product with the leanest script for the same marts: seconds, ratio, memory. Nothing is asserted"
        " about time; that both say the same is.",
    )
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many requests; each has some eight events")
    parser.add_argument("--keep", action="store_true", help="leave the inbox, the home and both snapshots where they are")
    parser.add_argument("--home", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--nodes", action="store_true", help="build once more and list the slowest models and tests")
    given = parser.parse_args()
    if given.home is not None:
        given.home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="promisekept-benchmark-", dir=given.home)).absolute()
    try:
        _measure(folder, given.requests, nodes=given.nodes)
    finally:
        if given.keep:
            print(f"\nKept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, requests: int, *, nodes: bool) -> None:
    rows = write_log(folder / "inbox", requests)
    print(f"{requests:,} requests, {rows:,} rows\n", flush=True)
    write_log(folder / "tiny-inbox", TINY, "--one-file")
    tiny = write_project(folder / "tiny", folder / "tiny-inbox")
    first = run_product(tiny, AS_OF)
    _say("product, tiny inbox, first run of a home", first)
    overhead = run_product(tiny, LATER)
    _say("product, tiny inbox, every later run", overhead)
    config = write_project(folder / "project", folder / "inbox")
    key = config.parent / "keys" / "pseudonym.key"
    lean = run_lean(folder / "inbox", folder / "lean", AS_OF, key)
    _say("lean script", lean)
    product = run_product(config, AS_OF)
    _say("product", product)
    snapshot = published(config)
    write_log(folder / "inbox", LATER_EVENTS, "--later")
    second = run_product(config, LATER)
    _say(f"product, {LATER_EVENTS:,} events more", second)

    print("\nof the wall's clock, and of the processors':")
    for name, of in (("seconds", lambda cost: cost.seconds), ("processor seconds", lambda cost: cost.processor)):
        ratio = (of(product) - of(overhead)) / of(lean)
        print(f"  ratio (product - overhead) / lean   {ratio:6.2f}   by {name}; promised: {LIMIT:g} at most")
    for name, cost in (("overhead of the first run of a home", first), ("overhead of every later run", overhead)):
        print(f"  {name:<36}{cost.seconds:6.1f} s promised: under {OVERHEAD:g} s")
    found = differences(folder / "lean" / "snapshot.duckdb", snapshot)
    beyond = second.seconds - overhead.seconds, second.processor - overhead.processor
    print(f"  second run beyond the overhead      {beyond[0]:6.1f} s ({beyond[1]:.1f} s of processors)")
    _list("stages of the product, s", product.parts)
    _list("stages of the second run, s", second.parts)
    if nodes:
        _list("slowest nodes of a build from scratch, s", slowest_nodes(config, LATER, 16))
    _list("slowest statements of the lean script, s", dict(list(lean.parts.items())[:8]))
    if found:
        raise SystemExit("\nThe two do not say the same:\n" + "\n".join(f"  {difference}" for difference in found))
    print("\nBoth say the same about every request, every figure and every part of the waterfall.")


def _say(name: str, cost: Cost) -> None:
    print(
        f"{name:<44}{cost.seconds:8.1f} s {cost.processor:8.1f} s of processors {cost.memory / 2**30:6.2f} GiB at peak",
        flush=True,
    )


def _list(title: str, parts: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, seconds in parts.items():
        print(f"  {seconds:8.2f}  {name}")


if __name__ == "__main__":
    main()
