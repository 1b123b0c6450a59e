"""What is to be known of runs that nobody watches: how the last one went, what changed for the worse, who is told.

Plain Python: it knows neither Dagster nor any other tool. It reads the ledger and the published snapshot and writes three small
files of its own below home, none of which is evidence: all of them may be deleted.
"""
