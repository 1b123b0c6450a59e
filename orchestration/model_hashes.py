"""By which text each mart was computed: the hash of what dbt compiled, kept in the warehouse for as long as its code stays.

Here: the table `run.model_texts`. Not here: the texts themselves (compiled_models.py). The manifest of a snapshot carries the
hashes, and every bundle the texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb

from orchestration.dbt_runner import NodeResult

_CREATE = "create table if not exists run.model_texts (name varchar primary key, sha256 varchar)"


def remember_texts(connection: duckdb.DuckDBPyConnection, results: Iterable[NodeResult]) -> None:
    """Keep the hash of each model's text; of a full refresh, since the text of an incremental build is another one."""
    connection.execute(_CREATE)
    hashes = [(one.name, hashlib.sha256(one.text.encode()).hexdigest()) for one in results if one.text is not None]
    if hashes:
        names, hashes = (list(column) for column in zip(*hashes, strict=True))
        connection.execute("insert or replace into run.model_texts select unnest($1), unnest($2)", [names, hashes])


def remembered_texts(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """SHA-256 by model."""
    connection.execute(_CREATE)
    return {str(name): str(sha256) for name, sha256 in connection.execute("from run.model_texts order by name").fetchall()}
