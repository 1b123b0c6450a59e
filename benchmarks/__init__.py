"""Yardsticks of performance, one command: `uv run python -m benchmarks all`, `dashboard` or `evidence`.

Here: logs of any size made from nothing (generate, all_logs), the leanest script that computes the same facts from them
(lean, lean_logs), whether both say the same (compare), what the product takes beside it (measure, of_all_logs, telling), what
its dashboard takes to answer (served, dashboard), and what a bundle of a quarter takes beside the least that writing as many
rows could (exporting, lean_bundle, of_bundles). Not here: anything that the product needs, or a time that is asserted: times
are printed for people to judge.
"""
