"""Who may open what the program writes: its owner alone, whatever umask it was started under.

Here: the umask of a process. Every process that writes below home sets it before its first file, and those that it starts inherit
it; DuckDB, dbt, Dagster and Great Expectations then create theirs alike. Not here: files that are closed further (a published
snapshot is read-only), nor the entries of a ZIP, whose modes are fixed so that the same bundle has the same bytes.
"""

from __future__ import annotations

import os


def close_to_others() -> None:
    """From now on this process creates folders as 0700 and files as 0600."""
    os.umask(0o077)
