"""The report of the fictional organisation, published once for the whole room.

Here: the fixtures. Not here: assertions.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from printed import Page

from promisekept.evidence.report import Report, build_report, write_report
from promisekept.evidence.scope import Scope, read_period
from promisekept.publishing.reader import SnapshotReader, open_current


@pytest.fixture(scope="session")
def home(larkfield: Any) -> Path:
    """Where the snapshot lies."""
    return larkfield.settings.home


@pytest.fixture(scope="session")
def reader(home: Path) -> Iterator[SnapshotReader]:
    """The snapshot, open."""
    with open_current(home) as opened:
        yield opened


@pytest.fixture(scope="session")
def scope(reader: SnapshotReader) -> Scope:
    """The quarter that has just ended, for a regulator."""
    return Scope(reader.id, read_period("2026-Q3"), "regulator")


@pytest.fixture(scope="session")
def report(reader: SnapshotReader, scope: Scope) -> Report:
    """The report of that quarter."""
    return build_report(reader, scope)


@pytest.fixture(scope="session")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with its files."""
    folder = tmp_path_factory.mktemp("written")
    write_report(report, folder)
    return folder


@pytest.fixture(scope="session")
def page(written: Path) -> Page:
    """Its HTML as a reader's program sees it."""
    return Page((written / "report.html").read_text(encoding="utf-8"))
