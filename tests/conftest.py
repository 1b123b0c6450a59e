"""What every test may lean on.

Here: fixtures that several rooms share. Pytest puts this folder on the import path, so tests say `from oracles...` and
`from world import ...`. Not here: what only one room needs.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("thorough", max_examples=2000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first: a worker that begins one last keeps the others waiting."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
