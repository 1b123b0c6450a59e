"""How the marts of a snapshot were computed, as a bundle records it: the compiled text of every model, and their order.

Here: the values. Not here: compiling (orchestration) or running them again from a bundle (reperforming.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its compiled text, the relation that it makes (`database.schema.name`), and the models that it reads."""

    text: str
    relation: str
    is_view: bool = False
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seed:
    """A table that comes with the models: its relation, its CSV text, and the SQL type of each column in order."""

    relation: str
    text: str
    types: Mapping[str, str]


@dataclass(frozen=True)
class Models:
    """The models of one version of the code, each after those that it reads, and the seeds."""

    code_version: str
    models: Mapping[str, Model]
    seeds: Mapping[str, Seed] = field(default_factory=dict)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The compiled text of every model by its name."""
        return {name: model.text for name, model in self.models.items()}

    def behind(self, names: Iterable[str], but: Collection[str] = ()) -> list[str]:
        """Some models and everything that they read, in the order in which they run; without some, and what only they read."""
        wanted: set[str] = set()
        open_ends = list(names)
        while open_ends:
            name = open_ends.pop()
            if name not in wanted and name not in but:
                wanted.add(name)
                open_ends += self.models[name].reads
        return [name for name in self.models if name in wanted]
