"""What the product takes with a requests log beside the least that the same work could take.

Here: the runs of `python -m benchmarks requests` and what is printed of them. Not here: how a run is measured (measure.py).
"""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

from benchmarks.compare import differences
from benchmarks.generate import AS_OF, LATER
from benchmarks.measure import published, run_lean, run_product, slowest_nodes, write_log, write_project
from benchmarks.telling import say, say_parts

TINY = 30
LATER_EVENTS = 1_000
LIMIT, OVERHEAD = 2.0, 12.0


def measure(folder: Path, requests: int, *, nodes: bool = False) -> None:
    """Compare the product with the lean script on a requests log, and print what each took.

    Args:
        folder: empty; everything is written below it.
        requests: how many; each has some eight events.
        nodes: build once more and list the slowest models and tests.

    Raises:
        SystemExit: the two do not say the same.
    """
    rows = write_log(folder / "inbox", requests)
    print(f"{requests:,} requests, {rows:,} rows\n", flush=True)
    write_log(folder / "tiny-inbox", TINY, "--one-file")
    tiny = write_project(folder / "tiny", folder / "tiny-inbox")
    first = run_product(tiny, AS_OF)
    say("product, tiny inbox, first run of a home", first)
    overhead = run_product(tiny, LATER)
    say("product, tiny inbox, every later run", overhead)
    config = write_project(folder / "project", folder / "inbox")
    key = config.parent / "keys" / "pseudonym.key"
    lean = run_lean(folder / "inbox", folder / "lean", AS_OF, key)
    say("lean script", lean)
    product = run_product(config, AS_OF)
    say("product", product)
    snapshot = published(config)
    write_log(folder / "inbox", LATER_EVENTS, "--later")
    second = run_product(config, LATER)
    say(f"product, {LATER_EVENTS:,} events more", second)

    print("\nof the wall's clock, and of the processors':")
    for name, of in (("seconds", attrgetter("seconds")), ("processor seconds", attrgetter("processor"))):
        ratio = (of(product) - of(overhead)) / of(lean)
        print(f"  ratio (product - overhead) / lean   {ratio:6.2f}   by {name}; promised: {LIMIT:g} at most")
    for name, cost in (("overhead of the first run of a home", first), ("overhead of every later run", overhead)):
        print(f"  {name:<36}{cost.seconds:6.1f} s promised: under {OVERHEAD:g} s")
    found = differences(folder / "lean" / "snapshot.duckdb", snapshot)
    beyond = second.seconds - overhead.seconds, second.processor - overhead.processor
    print(f"  second run beyond the overhead      {beyond[0]:6.1f} s ({beyond[1]:.1f} s of processors)")
    say_parts("stages of the product, s", product.parts)
    say_parts("stages of the second run, s", second.parts)
    if nodes:
        say_parts("slowest nodes of a build from scratch, s", slowest_nodes(config, LATER, 16))
    say_parts("slowest statements of the lean script, s", dict(list(lean.parts.items())[:8]))
    if found:
        raise SystemExit("\nThe two do not say the same:\n" + "\n".join(f"  {difference}" for difference in found))
    print("\nBoth say the same about every request, every figure and every part of the waterfall.")
