"""The questions that pages asked of a snapshot, the latest last.

Here: remembering them while the server runs. Not here: answering them (query.py), or asking them of another snapshot
(dashboards/warming.py).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from dashboards.snapshots import Ref

_MOST = 400
"""Fourteen pages ask some two hundred questions as they are opened; the rest are those of filters and drawers."""


@dataclass(frozen=True)
class Question:
    """A function of data/ and its arguments, the first of which is a snapshot's `Ref`."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    named: tuple[tuple[str, Any], ...] = ()


_asked: OrderedDict[Question, None] = OrderedDict()
_lock = Lock()


def remember(function: Callable[..., Any], arguments: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    """Note a question; one with an argument that can't be compared with others is not."""
    question = Question(function, arguments, tuple(sorted(named.items())))
    try:
        with _lock:
            _asked[question] = None
            _asked.move_to_end(question)
            if len(_asked) > _MOST:
                _asked.popitem(last=False)
    except TypeError:
        return


def questions(ref: Ref) -> list[Question]:
    """Those that were asked of a snapshot."""
    with _lock:
        return [question for question in _asked if question.arguments[0] == ref]
