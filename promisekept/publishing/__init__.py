"""Write, audit, publish: from the build database to an immutable snapshot that readers can trust.

candidate.py writes and hashes what could be published, verdict.py holds what a gate found, store.py makes a candidate
current or rejects it, reader.py is the only way into a snapshot, fsck.py checks all of it later, lock.py lets one
process write at a time. Nothing here imports dbt, Great Expectations, Dagster or Streamlit, and nothing reads the clock.
"""
