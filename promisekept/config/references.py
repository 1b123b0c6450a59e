"""What promisekept.yml names and a model of one key can't check: files, other sources, columns of a log.

Here: the checks that need no more than the configuration, the contract and a look whether a file is there. Not here: what a key
may hold (settings.py, source.py), or opening anything.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import ConfigError


def check_references(settings: Settings, file: Path) -> None:
    """Look at what a configuration names: files that are there, columns that a log has.

    Args:
        settings: as they were read.
        file: from which.

    Raises:
        ConfigError: something is not there; the message holds the key's path, the value and the remedy.
    """
    sign_in = settings.dashboard.sign_in
    if sign_in is not None and not sign_in.secrets.is_file():
        raise ConfigError(
            f"{file}:\ndashboard.sign_in.secrets: there is no file {sign_in.secrets}.\n"
            "  Create it with the section [auth] that docs/operate.md shows, readable by its owner alone."
        )
    names = [source.name for source in settings.sources]
    for position, source in enumerate(settings.sources):
        where = f"{file}:\nsources[{position}] ({source.name})"
        if names.count(source.name) > 1:
            raise ConfigError(f"{where}: name: `{source.name}` is used twice.\n  Give each source a name of its own.")
        if source.mapping is not None and not source.mapping.is_file():
            raise ConfigError(f"{where}: mapping: there is no file {source.mapping}.\n  Create it, or correct the path.")
        if source.mapping is None and (source.decode or source.history is not None):
            key = "decode" if source.decode else "history"
            raise ConfigError(
                f"{where}: {key}: it adds columns for a mapping to use, and this source has none.\n"
                "  Write one: docs/write-a-mapping.md"
            )
        _check_columns(source, where)
        if source.control_total is not None and not source.control_total.is_file():
            raise ConfigError(
                f"{where}: control_total: there is no file {source.control_total}.\n  Create it, or remove the key."
            )


def _check_columns(source: Source, where: str) -> None:
    """A default or a format of a column that its log does not have would never be used, without an error."""
    columns = source.contract.names
    for key in ("defaults", "formats"):
        for name in getattr(source, key) if source.linking is None else ():
            if name not in columns:
                near = get_close_matches(name, columns, n=1)
                remedy = f"Did you mean `{near[0]}`?" if near else f"It has: {', '.join(columns)}"
                raise ConfigError(f"{where}: {key}: `{source.log}` has no column `{name}`.\n  {remedy}")
