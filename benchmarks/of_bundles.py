"""What a bundle of a quarter takes: to export it, to check it, and to compute its figures again with the duckdb command.

Here: the runs of `python -m benchmarks evidence` and what is printed of them. Not here: how a run is measured (measure.py).
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.generate import AS_OF
from benchmarks.measure import (
    Cost,
    run_export,
    run_lean_bundle,
    run_product,
    run_product_on,
    run_script,
    write_logs,
    write_project,
)
from benchmarks.telling import say, say_parts

PERIOD = "2026-Q3"
LIMIT = 60.0
SHOWN = 12
AUDIENCES = ("auditor", "public")


def build(folder: Path, events: int) -> Path:
    """Publish that many events of all logs; the configuration of that project."""
    rows = write_logs(folder / "inbox", events)
    config = write_project(folder / "project", folder / "inbox", all_logs=True)
    print(f"{rows:,} rows of nine logs, two years\n")
    say("product", run_product(config, AS_OF))
    return config


def kept(folder: Path) -> Path:
    """The project that an earlier run left in a folder.

    Raises:
        SystemExit: it is not there.
    """
    config = folder / "project" / "promisekept.yml"
    if not (config.parent / ".promisekept" / "CURRENT").is_file():
        raise SystemExit(
            f"{config}: nothing is published there.\n  Name what `--keep` printed, or leave --kept out to build one."
        )
    return config


def measure(folder: Path, config: Path) -> None:
    """Export a quarter for each kind of audience, check it and rebuild it, and print what each took.

    Beside the export stands the least that writing as many rows could take.
    """
    for audience in AUDIENCES:
        out = folder / audience
        cost = run_export(config, PERIOD, audience, out)
        (bundle,) = out.iterdir()
        size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
        print(f"\n{PERIOD} for {audience}: {size / 2**20:,.0f} MiB")
        say(f"export (promised: under {LIMIT:.0f} s)", cost)
        if (bundle / "data/events").is_dir():  # a public bundle is no matter of rows
            _say_least(cost, run_lean_bundle(config, bundle, folder / "lean"))
        say("promisekept verify", run_product_on(bundle, "verify"))
        say("verify.sh", run_script(bundle / "data/verify.sh", bundle, folder=folder))
        say("reperform.sh", run_script(bundle / "reperform.sh", folder=folder))
        parts = sorted(cost.parts.items(), key=lambda part: -part[1])[:SHOWN]
        say_parts("Processor seconds of the export, longest first", dict(parts))


def _say_least(cost: Cost, lean: Cost) -> None:
    say("as many rows, sorted, written and hashed", lean)
    for name, ratio in (("seconds", cost.seconds / lean.seconds), ("processor seconds", cost.processor / lean.processor)):
        print(f"  ratio export / that{ratio:34.2f}   by {name}")
