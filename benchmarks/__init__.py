"""Yardsticks of performance, one command: `uv run python -m benchmarks requests`, or `all`.

Here: logs of any size made from nothing (generate, all_logs), the leanest scripts that compute the same marts from them (lean,
lean_logs), whether both say the same (compare), and what the product takes beside them (measure, of_requests, of_all_logs,
telling). Not here: anything that the product needs, or a time that is asserted: times are printed for people to judge.
"""
