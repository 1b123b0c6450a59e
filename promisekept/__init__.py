"""promisekept: shows whether the promises of a privacy policy were kept."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promisekept.notebook import Published

__version__ = "0.1.0"


def open(project: Path | str, snapshot: str | None = None) -> Published:
    """Open a published snapshot of a project for reading; arguments and errors are those of promisekept.notebook.Published."""
    # What reads snapshots is imported by those who read one: every command imports this module.
    published: type[Published] = import_module("promisekept.notebook").Published
    return published(Path(project), snapshot)
