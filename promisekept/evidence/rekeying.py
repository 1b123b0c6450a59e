"""People under another key in every bundle, so that what two readers hold can't be put together.

Here: the key of one bundle, made of the pseudonym key and the scope, and the relation `people(subject_key, shown)`. Not here:
the pseudonym key itself (sources/keys.py). The same scope gives the same keys again; without the pseudonym key nobody can tell
that two keys of two bundles are one person.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

import duckdb

from promisekept.evidence.scope import Scope
from promisekept.sources.keys import Key, keyed_sql


def bundle_key(key: Key, scope: Scope) -> Key:
    """The key under which one bundle shows people: HMAC-SHA-256(pseudonym key, snapshot | period | audience | regime)."""
    message = "|".join((scope.snapshot, scope.period.code, scope.audience, scope.regime or ""))
    return Key(key.id, hmac.new(key.secret, message.encode(), hashlib.sha256).hexdigest().encode())


def make_people(connection: duckdb.DuckDBPyConnection, key: Key, relations: Iterable[str]) -> None:
    """Make `people` of every `subject_key` in some relations: `shown` is what the bundle calls that person."""
    everybody = " union all ".join(f"select subject_key from {relation} where subject_key is not null" for relation in relations)
    connection.execute(
        "create or replace temp table people as"
        f" select subject_key, {keyed_sql('subject_key')} as shown"
        f" from (select distinct subject_key from ({everybody or 'select null::varchar as subject_key where false'}))",
        key.pads,
    )
