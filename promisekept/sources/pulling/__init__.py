"""Sources that are asked for their rows: databases and APIs. Rows come in chunks, and a chunk lands like a file.

Here: the range of rows that is asked for (spans.py), asking (postgres.py, sql.py, http.py), waiting and trying again
(patience.py), cutting what comes into chunks (chunks.py), laying a chunk down as a file (spool.py), and the order of it all
(pull.py). Not here: what becomes of a chunk (batch.py). Nothing but the ledger remembers how far a source was read.
"""
