"""Great Expectations, imported without what no expectation of ours uses.

Here: which packages wait until they are asked for, or stay out. Not here: evaluating (engine.py). Of its import, PySpark takes a
second where it is installed; SciPy's statistics and Altair, with which it compares and draws distributions, take a third.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_LEFT_OUT = "pyspark"
_WAITING = ("scipy.stats", "altair")


def load() -> Any:
    """GX itself.

    Without PySpark: the gates read DuckDB, and PySpark warns of other packages and ends a process whose main module has no file.
    """
    with _in_place_of({_LEFT_OUT: None, **{name: _Waiting(name) for name in _WAITING}}):
        import great_expectations
    return great_expectations


class _Waiting(ModuleType):
    """A module that is imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked by the import itself
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _in_place_of(modules: dict[str, ModuleType | None]) -> Iterator[None]:
    """Let imports find these; what has been imported before stays, unless None stands for it: an ImportError."""
    before = {name: sys.modules[name] for name in modules if name in sys.modules}
    placed = {name: module for name, module in modules.items() if module is None or name not in before}
    sys.modules.update(placed)  # type: ignore[arg-type]  # what import makes of None is an ImportError
    try:
        yield
    finally:
        for name in placed:
            del sys.modules[name]
        sys.modules.update({name: before[name] for name in placed if name in before})
