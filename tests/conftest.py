"""What every test may lean on.

Here: fixtures that several rooms share. Pytest puts this folder on the import path, so tests say `from oracles...` and
`from world import ...`. Not here: what only one room needs.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from source_project import Project

settings.register_profile("thorough", max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run every test; without it the slow ones are left out of a whole run")


def pytest_configure(config: pytest.Config) -> None:
    """Whoever names files, tests or markers means them, slow or not."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS or config.option.markexpr:
        config.option.full = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files with slow tests go first: a worker that begins one last keeps the others waiting."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    if not config.option.full:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("slow")])
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with one source of requests."""
    return Project(tmp_path)
