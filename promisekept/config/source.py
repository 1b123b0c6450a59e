"""One entry of `sources` in promisekept.yml: a reader, a mapping, a log.

Here: what a source may hold and which of its keys fit together; the source of links that its key `links` adds. Not here: how
its rows are read (readers.py), and whether the files that it names are there (references.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from promisekept.config.durations import Interval
from promisekept.config.links import Links
from promisekept.config.preprocessing import Decode, History
from promisekept.config.readers import Files, Reader
from promisekept.config.relative_paths import ResolvedPath
from promisekept.config.time_zone import Zone
from promisekept.frozen import Frozen
from promisekept.sources.contract import Log, contract

LOGS: tuple[str, ...] = tuple(contract())


def _log_of_contract(name: str) -> str:
    if name not in LOGS:
        message = f"Name one of the logs: {', '.join(LOGS)}"
        raise ValueError(message)
    return name


LogName = Annotated[str, AfterValidator(_log_of_contract)]
SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
_LINKS = "_links"
"""The end of the name of a source of links."""


class Expect(Frozen):
    """How often a source delivers and how much; without it freshness is unknown."""

    every: Interval
    grace: Interval = timedelta(0)
    rows: tuple[int, int] | None = None


class Source(Frozen):
    """One reader, one mapping, one log."""

    name: SourceName
    log: LogName
    reader: Reader
    namespace: SourceName = ""
    time_zone: Zone | None = None
    expect: Expect | None = None
    control_total: ResolvedPath | None = None
    control_query: str | None = None
    sequence: str | None = None
    links: Links | None = None
    linking: Links | None = Field(default=None, exclude=True)
    dimensions: tuple[tuple[str, str], ...] = Field(default=(), exclude=True)
    defaults: dict[str, str] = Field(default_factory=dict)
    formats: dict[str, str] = Field(default_factory=dict)
    skip: str | None = None
    declared_due: Literal["date", "instant"] = "date"
    decode: tuple[Decode, ...] = ()
    history: History | None = None
    mapping: ResolvedPath | None = None

    @property
    def contract(self) -> Log:
        """The contract of its log, with the columns of the project's own dimensions."""
        return contract()[self.log].with_dimensions(self.dimensions)

    @property
    def where(self) -> str:
        """Where its rows come from, in words that hold no credential: a path, or the kind of reader and its name."""
        return self.reader.where if isinstance(self.reader, Files) else f"{self.reader.kind}:{self.name}"

    @property
    def ignored(self) -> tuple[str, ...]:
        """The columns that are not read."""
        return tuple(name for name in self.reader.ignore_columns if name not in self.own_columns)

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns that this configuration asks for by name, whether the log has them or not."""
        linked = (links.column for links in (self.links, self.linking) if links is not None)
        return (*linked, *(() if self.sequence is None else (self.sequence,)))

    @model_validator(mode="before")
    @classmethod
    def _namespace_defaults_to_name(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("namespace"):
            values = {**values, "namespace": values.get("name")}
        return values

    @model_validator(mode="after")
    def _keys_fit_together(self) -> Source:
        if self.linking is not None:
            message = "`linking` is no key; use `links`"
            raise ValueError(message)
        if self.dimensions:
            message = "`dimensions` is no key of a source; declare them beside `sources`, for all sources of a log"
            raise ValueError(message)
        if self.control_query is not None and (self.control_total is not None or self.reader.kind not in ("postgres", "sql")):
            message = "`control_query` asks the database of the source, in place of `control_total`, a file"
            raise ValueError(message)
        if self.declared_due != "date" and self.log != "requests":
            message = f"`declared_due` is about the due times of `requests`; `{self.log}` has none"
            raise ValueError(message)
        if self.links is not None and self.log in ("incidents", "policies", "subject_links"):
            message = f"`links` needs a log whose rows are of one person; `{self.log}` is none"
            raise ValueError(message)
        return self


def with_links(sources: Iterable[Source]) -> Iterator[Source]:
    """All sources, each that has `links` followed by its source of links.

    It reads the same rows again for the log subject_links. As a source of its own it has its own counts in the ledger, its own
    rejects, a dry run and remapping, like every other.
    """
    for source in sources:
        yield source
        if source.links is not None:
            yield source.model_copy(
                update={
                    "name": source.name + _LINKS,
                    "log": "subject_links",
                    "links": None,
                    "linking": source.links,
                    "dimensions": (),
                    "sequence": None,
                    "control_total": None,
                    "control_query": None,
                    "history": source.history and source.history.model_copy(update={"gone": None}),
                    "expect": source.expect and source.expect.model_copy(update={"rows": None}),
                }
            )
