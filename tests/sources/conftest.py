"""The project that most tests of this room begin with."""

from pathlib import Path

import pytest
from source_project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with one source of requests."""
    return Project(tmp_path)
