"""What the app is started with: `streamlit run dashboards/server.py -- --config promisekept.yml` or `-- --home DIR`.

Here: from arguments to the home whose snapshots are read, to the project around it, and to who may read them. Not here:
opening them (snapshots.py), asking who somebody is (access.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from promisekept.config.dashboard import Dashboard
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.errors import ConfigError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise ConfigError(f"The dashboard was started with arguments that do not exist: {message}.\n  {self.format_usage()}")


def home(arguments: Sequence[str]) -> Path:
    """The folder that holds CURRENT and snapshots/.

    Args:
        arguments: those after `--`; `--home DIR` wins over `--config FILE`, which defaults to the working folder's.

    Raises:
        ConfigError: unknown arguments, or a configuration that is not there or not right.
    """
    given = _given(arguments)
    return given.home.absolute() if given.home else _settings(given.config).home


def settings(arguments: Sequence[str]) -> Settings | None:
    """The project's settings; None with `--home`, which names no keys.

    Raises:
        ConfigError: as for `home`.
    """
    given = _given(arguments)
    return None if given.home else _settings(given.config)


def readers(arguments: Sequence[str]) -> Dashboard:
    """Who may read it, as configured; with `--home` one person on this machine.

    Raises:
        ConfigError: as for `home`.
    """
    given = _given(arguments)
    return Dashboard() if given.home else _settings(given.config).dashboard


def _settings(config: Path) -> Settings:
    """They are read again when the file was written: reading takes a sixth of what a page takes once a filter has changed."""
    file = (config / "promisekept.yml" if config.is_dir() else config).absolute()
    try:
        written = file.stat()
    except OSError:
        return load_settings(file)  # its error names the remedy
    return _read(file, (written.st_ino, written.st_mtime_ns, written.st_size))


@lru_cache(maxsize=1)
def _read(file: Path, _: tuple[int, ...]) -> Settings:
    return load_settings(file)


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="dashboards/server.py", add_help=False)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--config", type=Path, default=Path("promisekept.yml"))
    return parser.parse_args(list(arguments))
