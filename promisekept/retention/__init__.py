"""Retention of our own data: what is purged when its period is over, and the log of it.

eligibility.py selects the lives that a published snapshot shows as ended; landed_rows.py,
rejects.py and snapshots.py purge one kind of data each, purge.py does all of it at the end of a run, and purge_log.py reads
from the ledger what was purged. Not here: the records of the organisation whose promises are measured: those are a log like any
other.
"""
