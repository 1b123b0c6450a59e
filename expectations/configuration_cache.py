"""Great Expectations asks each expectation for its configuration once, and not for every argument that it looks up.

Here: that memory, for as long as one suite is evaluated. GX builds the configuration again, by walking through all fields,
some fifty times per expectation; nothing of it can differ, since no expectation is changed while it is evaluated. The publish
gate of the demo takes 1.2 processor seconds with it and 1.6 without; benchmarks/builds.py has it in its line "product, tiny
inbox, every later run". Not here: evaluating (engine.py). Imported only where GX is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from great_expectations.expectations.expectation import Expectation

if TYPE_CHECKING:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration


@contextmanager
def configured_once() -> Iterator[None]:
    """Within, an expectation's configuration is built when it is first asked for."""
    original = Expectation.configuration
    build = original.fget
    built: dict[int, tuple[Expectation, ExpectationConfiguration]] = {}  # holds the expectation, so that no id is given twice

    def configuration(self: Expectation) -> ExpectationConfiguration:
        if id(self) not in built:
            built[id(self)] = (self, build(self))
        return built[id(self)][1]

    Expectation.configuration = property(configuration)
    try:
        yield
    finally:
        Expectation.configuration = original
