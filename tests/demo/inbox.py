"""The written files, read as they lie there: plain CSV, JSON and Parquet, nothing of the product in between.

Not here: assertions.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb

_TEXT = "all_varchar = true, header = true"
_FILES = {
    "helpdesk": f"read_csv('{{}}/helpdesk/*.csv', {_TEXT})",
    "privacy_portal": "read_json('{}/privacy_portal/*.jsonl', format = 'newline_delimited')",
    "consent_platform": "read_json('{}/consent_platform/*.jsonl', format = 'newline_delimited')",
    "disclosure_register": "read_parquet('{}/disclosure_register/*.parquet')",
    "record_catalogue": f"read_csv('{{}}/record_catalogue/*.csv.gz', {_TEXT})",
    "inventory_scanner": "read_parquet('{}/inventory_scanner/*.parquet')",
    "notice_log": f"read_csv('{{}}/notice_log/*.csv', {_TEXT})",
    "processing_register": "read_parquet('{}/processing_register/*.parquet')",
    "incident_desk": f"read_csv('{{}}/incident_desk/*.csv', {_TEXT})",
    "policy_site": "read_json('{}/policy_site/*.jsonl', format = 'newline_delimited')",
    "identity_links": f"read_csv('{{}}/identity_links/*.csv', {_TEXT})",
    "compliance_desk": "read_json('{}/compliance_desk/*.jsonl', format = 'newline_delimited')",
}


class Inbox:
    """One view per source over what was written; `ask` runs a query."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "inbox"
        self._connection = duckdb.connect()
        self._connection.execute("set TimeZone = 'UTC'")
        for source, reader in _FILES.items():
            self._connection.execute(f"create view {source} as select * from {reader.format(self.folder)}")

    def ask(self, query: str) -> list[tuple]:
        """All rows of a query."""
        return self._connection.execute(query).fetchall()

    def count(self, source: str, condition: str = "true") -> int:
        """How many rows of a source meet a condition."""
        return self.ask(f"select count(*) from {source} where {condition}")[0][0]

    @property
    def legacy(self) -> list[dict[str, str]]:
        """The old ticket system's cases."""
        (file,) = (self.folder / "legacy_tickets").glob("*.csv")
        return list(csv.DictReader(io.StringIO(file.read_bytes().decode("cp1252")), delimiter=";"))
