"""Yardsticks of performance, one command: `uv run python -m benchmarks all`, `dashboard` or `evidence`.

Here: logs of any size made from nothing (logs.py), the leanest script that computes the same facts from them (lean.py), whether
both compute the same (compare.py), what the product takes beside it (measure.py, builds.py), what its dashboard takes to answer
(served.py, dashboard.py), and what a bundle of a quarter takes beside the least that writing as many rows could (lean_bundle.py,
bundles.py). Not here: anything that the product needs, or a time that is asserted: times are printed for people to assess, and
`--check` compares ratios with those that were recorded (history.py).
"""
