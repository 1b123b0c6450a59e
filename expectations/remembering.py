"""Great Expectations computes each configuration, and each id of a metric's arguments, once.

Here: that memory, for as long as one suite is evaluated, in which no expectation is changed. GX builds the configuration of an
expectation some fifty times, by walking through all fields, and hashes the arguments of each metric that it looks up or
constructs: twenty thousand times in a run, of which five hundred differ. Both gates of a small run take 2.0 processor
seconds with it and 3.8 without; benchmarks/builds.py has them in its line "product, tiny inbox, every later run". Not here:
evaluating (engine.py). Imported only where GX is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import NoneType
from typing import TYPE_CHECKING, Any

from great_expectations.core.id_dict import IDDict
from great_expectations.expectations.expectation import Expectation

if TYPE_CHECKING:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

_PLAIN = (str, NoneType, bool, int)


@contextmanager
def computed_once() -> Iterator[None]:
    """Within, a configuration or an id is computed when it is first asked for."""
    configuration, to_id = Expectation.configuration, IDDict.to_id
    Expectation.configuration = property(_configuration(configuration.fget))
    IDDict.to_id = _to_id(to_id)
    try:
        yield
    finally:
        Expectation.configuration, IDDict.to_id = configuration, to_id


def _configuration(build: Any) -> Any:
    built: dict[int, tuple[Expectation, ExpectationConfiguration]] = {}  # holds the expectation, so that no id is given twice

    def configuration(self: Expectation) -> ExpectationConfiguration:
        if id(self) not in built:
            built[id(self)] = (self, build(self))
        return built[id(self)][1]

    return configuration


def _to_id(compute: Any) -> Any:
    computed: dict[Any, Any] = {}

    def to_id(self: IDDict, id_keys: Any = None, id_ignore_keys: Any = None) -> Any:
        if id_keys is not None or id_ignore_keys is not None or not all(type(value) in _PLAIN for value in self.values()):
            return compute(self, id_keys, id_ignore_keys)
        content = (type(self), frozenset((name, type(value), value) for name, value in self.items()))  # 1 and true are two
        if content not in computed:
            computed[content] = compute(self)
        return computed[content]

    return to_id
