"""A published snapshot in a notebook or a program: what `promisekept.open` returns.

Here: figures, tables and queries as Arrow tables. Not here: the command line's way to the same (cli/figures.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from promisekept.assessment.figures import figures
from promisekept.config.loading import load_settings
from promisekept.publishing.queries import answer, describe_columns, describe_tables
from promisekept.publishing.reader import open_current, open_snapshot


class Published:
    """One published snapshot, read-only. Its answers are Arrow tables: `.to_pandas()`, or `polars.from_arrow(...)`.

    Args:
        project: promisekept.yml or the folder that holds it, or a home such as `.promisekept`.
        snapshot: an id such as `0007-3f9a1c`; the current one by default.

    Raises:
        PromisekeptError: nothing was published there, or there is no such snapshot.
    """

    def __init__(self, project: Path, snapshot: str | None = None) -> None:
        """Open it."""
        home = project if (project / "CURRENT").is_file() else load_settings(project).home
        self._reader = open_current(home) if snapshot is None else open_snapshot(home, snapshot)
        self.id = self._reader.id
        self.as_of = str(self._reader.manifest["as_of"])

    def figures(self, *metrics: str, by: Sequence[str] = (), period: str | None = None) -> pa.Table:
        """Figures by period and dimension; arguments, columns and errors are those of promisekept.assessment.figures."""
        return figures(self._reader, metrics, by, period)

    def query(self, sql: str) -> pa.Table:
        """The rows of one SELECT over `marts.*` and `history.*`.

        Raises:
            PublishingError: it can't be answered.
        """
        return answer(self._reader, sql)

    def describe(self, table: str | None = None) -> pa.Table:
        """The tables, or the columns of one, each with its description.

        Raises:
            PublishingError: there is no such table.
        """
        described = describe_tables(self._reader) if table is None else describe_columns(self._reader, table)[1]
        return pa.Table.from_pylist([{name: getattr(one, name) for name in one.__dataclass_fields__} for one in described])

    def close(self) -> None:
        """Close its file."""
        self._reader.close()

    def __enter__(self) -> Published:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close its file."""
        self.close()
