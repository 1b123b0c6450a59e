"""The warehouse that the tests of this room begin with, prepared once."""

from __future__ import annotations

from pathlib import Path

import pytest
from metrics_warehouse import Warehouse


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Logs without a row, a pack with two promises, and no request."""
    return Warehouse(tmp_path_factory.mktemp("metrics")).prepare()


@pytest.fixture
def warehouse(empty_warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    """A copy of it that a test may fill."""
    return empty_warehouse.copy(tmp_path)
