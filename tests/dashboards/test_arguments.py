"""What the app is started with: the settings that each page asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards import arguments
from promisekept.errors import ConfigError
from promisekept.project.scaffold import scaffold


def test_settings_are_read_once_and_again_when_their_file_was_written(tmp_path: Path):
    """Each change of a filter had parsed promisekept.yml again, a sixth of what it took."""
    scaffold(tmp_path / "project", organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
    config = tmp_path / "project" / "promisekept.yml"
    given = ["--config", str(config.parent)]
    first = arguments.settings(given)
    assert first is not None
    assert arguments.settings(given) is first
    assert arguments.home(given) == first.home
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("Example Ltd", "Sample Limited"), encoding="utf-8")
    again = arguments.settings(given)
    assert again is not None
    assert (first.organisation.name, again.organisation.name) == ("Example Ltd", "Sample Limited")
    config.write_text(f"{text}\norganisatoin: {{}}\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError, match="Did you mean `organisation`"):
            arguments.readers(given)
    config.unlink()
    with pytest.raises(ConfigError, match="there is no such file"):
        arguments.home(given)
