"""What several tests from end to end begin with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from world import World


@pytest.fixture
def desk(tmp_path: Path) -> World:
    """Three requests, delivered and not landed."""
    world = World(tmp_path)
    for number in range(3):
        world.request(f"r{number}", received=datetime(2026, 1, 5 + number, 9, tzinfo=UTC))
    world.deliver()
    return world
