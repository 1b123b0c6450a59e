"""A project of any preset, in a folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from preset_project import PresetProject


@pytest.fixture
def created(tmp_path: Path) -> Callable[..., PresetProject]:
    """`created("jira")`: a new project of that preset."""
    return lambda name, folder=tmp_path / "company", **settings: PresetProject(folder, name, **settings)
