"""Yardsticks of performance, one command: `uv run python -m benchmarks`.

Here: a log of any size made from nothing (generate), the leanest script that computes the same marts from it (lean), whether
both say the same (compare), and what the product takes beside it (measure, __main__). Not here: anything that the product
needs, or a time that is asserted: times are printed for people to judge.
"""
