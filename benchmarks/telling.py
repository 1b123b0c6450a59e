"""What is printed of a run: what it cost, and its parts.

Here: lines and lists. Not here: what the numbers mean (of_all_logs.py).
"""

from __future__ import annotations

from benchmarks.measure import Cost


def say(name: str, cost: Cost) -> None:
    """One line about one process."""
    print(
        f"{name:<44}{cost.seconds:8.1f} s {cost.processor:8.1f} s of processors {cost.memory / 2**30:6.2f} GiB at peak",
        flush=True,
    )


def say_parts(title: str, parts: dict[str, float]) -> None:
    """A list of parts with their seconds."""
    print(f"\n{title}")
    for name, seconds in parts.items():
        print(f"  {seconds:8.2f}  {name}")
