"""Yardsticks of performance, one command: `uv run python -m benchmarks requests`, `all`, `dashboard` or `evidence`.

Here: logs of any size made from nothing (generate, all_logs), the leanest scripts that compute the same marts from them (lean,
lean_logs), whether both say the same (compare), what the product takes beside them (measure, of_requests, of_all_logs,
telling), what its dashboard takes to answer (served, dashboard), and what a bundle of a quarter takes beside the least that
writing as many rows could (exporting, lean_bundle, of_bundles). Not here: anything that the product needs, or a time that
is asserted: times are printed for people to judge.
"""
