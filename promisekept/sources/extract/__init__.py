"""Extract: taking rows from a source system.

Here: files on disk and in an object store (files.py, object_store.py) and reading one (file_readers.py, text_rows.py),
databases and APIs (postgres.py, sql.py, http.py) with the range of rows that is asked for (cursors.py), timeouts and retries
with back-off (retry.py), and the chunks in which their rows come (queried.py, chunks.py, chunk_files.py). Not here: what
becomes of a file or a chunk (sources/landing).
"""
