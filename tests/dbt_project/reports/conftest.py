"""The warehouse of random deliveries, built once for all that is counted from them."""

from __future__ import annotations

import pytest
from random_deliveries import delivered
from warehouse import Warehouse


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Sources, their deliveries and events, as of one instant."""
    return delivered(tmp_path_factory.mktemp("deliveries"))
