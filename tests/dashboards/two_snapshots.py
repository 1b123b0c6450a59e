"""The invented organisation, published twice, so that something was restated: fixtures for whoever reads such a home."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import invented
import pytest
from opened_pages import PUBLISHED

from dashboards.snapshots import Ref

KEY = "md5(concat_ws('|', metric_code, period_grain, period_start::varchar, dimension, dimension_value))"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two snapshots, the second of which says otherwise."""
    folder = tmp_path_factory.mktemp("proof")
    invented.publish(folder, PUBLISHED, 300)
    invented.publish(folder, PUBLISHED + timedelta(days=1), 400)
    return folder


@pytest.fixture(scope="module")
def ref(home: Path) -> Ref:
    """The newer one."""
    return Ref(str(home), max(path.name for path in (home / "snapshots").glob("0*")))
