"""What a bundle of a quarter takes: to export it, to check it, and to compute its figures again with the duckdb command.

Here: the runs of `python -m benchmarks evidence` and what is printed of them. Not here: how a run is measured (measure.py).
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import print_cost, print_parts, run_lean_bundle, run_product, run_script, run_verify

PERIOD = "2026-Q3"
LIMIT = 60.0
SHOWN = 12
AUDIENCES = ("auditor", "public")


def measure(folder: Path, config: Path) -> None:
    """Export a quarter for each kind of audience, check it and rebuild it, and print what each took.

    Beside the export stands the least that writing as many rows could take.
    """
    for audience in AUDIENCES:
        out = folder / audience
        out.mkdir(parents=True)
        cost = run_product(config, "export", "--period", PERIOD, "--audience", audience, "--out", str(out))
        (bundle,) = out.iterdir()
        size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
        print(f"\n{PERIOD} for {audience}: {size / 2**20:,.0f} MiB")
        print_cost(f"export (goal: under {LIMIT:.0f} s)", cost)
        if (bundle / "data/events").is_dir():  # a public bundle has no rows
            lean = run_lean_bundle(config, bundle, folder / "lean")
            print_cost("as many rows, sorted, written and hashed", lean)
            print(f"  ratio export / that{cost.seconds / lean.seconds:34.2f}   by seconds")
            print(f"  ratio export / that{cost.processor / lean.processor:34.2f}   by processor seconds")
        print_cost("promisekept verify", run_verify(bundle))
        print_cost("verify.sh", run_script(bundle / "data/verify.sh", bundle, folder=folder))
        print_cost("reperform.sh", run_script(bundle / "reperform.sh", folder=folder))
        parts = sorted(cost.parts.items(), key=lambda part: -part[1])[:SHOWN]
        print_parts("steps of the export, s, longest first", dict(parts))
