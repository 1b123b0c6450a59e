"""Monitoring: how the last run went, which conditions changed, who is notified, and the pipeline's own metrics.

It reads the ledger and the published snapshot and writes three small files of its own below home, none of which is evidence: all
of them may be deleted. Not here: running anything; it imports neither Dagster nor any other tool.
"""
