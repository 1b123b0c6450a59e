"""A credential, from the place that the configuration names.

Here: the environment variable or the file, and the error where it can't be read. Not here: its use. What is read stays
with the caller: it is in no message, no log and no ledger line.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from promisekept.errors import ConfigError


def read_credential(where: str, variable: str | None, file: Path | None) -> str:
    """The credential; a file goes before a variable.

    Args:
        where: the key in promisekept.yml, for the message.
        variable: of the environment of the process that needs it.
        file: readable by its owner alone.

    Raises:
        ConfigError: the variable is not set, or the file is not there, is empty or may be read by others.
    """
    if file is not None:
        return _from_file(where, file)
    value = os.environ.get(variable or "", "").strip()
    if not value:
        raise ConfigError(
            f"{where}: the environment variable {variable} is not set.\n"
            "  Set it for the process that runs promisekept, or name a file."
        )
    return value


def _from_file(where: str, path: Path) -> str:
    try:
        mode = path.stat().st_mode
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        remedy = "Create it, readable by its owner alone"
        if isinstance(error, PermissionError):
            remedy = "Give it to the account that runs promisekept (`chown`)"
        raise ConfigError(f"{where}: {path} can't be read ({reason}).\n  {remedy}.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            f"{where}: {path} may be read by others (mode {stat.S_IMODE(mode):04o}).\n"
            f"  It holds a credential. Close it:  chmod 600 {path}"
        )
    if not value:
        raise ConfigError(f"{where}: {path} is empty.\n  Write the credential into it.")
    return value
