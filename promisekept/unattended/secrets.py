"""Secrets by environment variable or file: never in promisekept.yml, in a message or in a log.

Here: reading one. Not here: which channel needs which (settings.py).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from promisekept.errors import ConfigError


def read_secret(where: str, variable: str | None, file: Path | None) -> str | None:
    """The secret that a variable or a file holds; None where neither is named.

    Args:
        where: the key in promisekept.yml, for the message.
        variable: of the environment of the process that needs it.
        file: readable by its owner alone.

    Raises:
        ConfigError: the variable is not set, or the file is not there, is empty or may be read by others.
    """
    if variable is not None:
        value = os.environ.get(variable, "").strip()
        if not value:
            raise ConfigError(
                f"{where}_env: the variable {variable} is not set.\n  Set it where the run starts, or name a file: {where}_file"
            )
        return value
    if file is None:
        return None
    try:
        mode = file.stat().st_mode
        value = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where}_file: {file} can't be read ({type(error).__name__}).\n  Write the secret there.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{where}_file: {file} may be read by others.\n  Close it:  chmod 600 {file}")
    if not value:
        raise ConfigError(f"{where}_file: {file} is empty.\n  Write the secret there.")
    return value
