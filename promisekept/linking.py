"""A second identifier beside a person: the part `links` of a source in promisekept.yml.

Here: what it may say, and the source of links that comes of it: the same rows, read again for the log subject_links. Not
here: what a row of it becomes (sources/links.py). Reading the rows as a source of its own keeps the ledger's counts, the
quarantine, a dry run and mapping again the same for links as for everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from promisekept.frozen import Frozen

if TYPE_CHECKING:
    from promisekept.settings import Source

SUFFIX = "_links"


class Links(Frozen):
    """The column that names the person of a row once more, and what kind of identifier it holds."""

    column: str
    type: Literal["email", "phone", "customer_id", "device_id", "employee_id", "other"]


def with_links(sources: Iterable[Source]) -> Iterator[Source]:
    """All sources, each that has `links` followed by its source of links."""
    for source in sources:
        yield source
        if source.links is not None:
            yield source.model_copy(
                update={
                    "name": source.name + SUFFIX,
                    "log": "subject_links",
                    "links": None,
                    "linking": source.links,
                    "sequence": None,
                    "control_total": None,
                    "control_query": None,
                    "history": source.history and source.history.model_copy(update={"gone": None}),
                    "expect": source.expect and source.expect.model_copy(update={"rows": None}),
                }
            )
