"""What the registers of the pack call a system, a purpose, a data category or a recipient.

Here: the names of a snapshot, and a code with its name as a page writes it. Not here: names of codes that the contract lists
(promisekept/presentation/labels.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping

from dashboards import markdown
from dashboards.data.query import cached, rows
from dashboards.data.remediations import has_mart
from dashboards.snapshots import Ref
from promisekept.presentation import labels

_SYSTEMS = "unconfirmed_systems"
OWN = "own"
"""In place of a dimension: the code is a dimension of one's own, and its name the title."""
_WORDS = ("purpose_code", "data_category")


@cached
def names(ref: Ref) -> Mapping[tuple[str, str], str]:
    """(dimension, code) -> display name; empty for a snapshot without the mart."""
    if not has_mart(ref, "dim_names"):
        return {}
    found = rows(ref, "select dimension, code, name from marts.dim_names")
    return {(row["dimension"], row["code"]): row["name"] for row in found}


def label(ref: Ref, dimension: str, code: str) -> str:
    """What a table, a chart or a filter calls a code: the name of a system or recipient; a purpose or category in words.

    Names of purposes and categories are sentences of the policy, too long for a cell or an axis. Of two codes with one name each
    has its code beside it.
    """
    if code == "unknown" and (OWN, dimension) in names(ref):
        return labels.UNSPECIFIED
    if dimension in _WORDS:
        return labels.sentence(code)
    named = names(ref).get((dimension, code), code)
    return f"{named} ({code})" if _shared(ref)[dimension, named] > 1 else named


def labels_of(ref: Ref, dimension: str) -> Callable[[str], str]:
    """`label` of one dimension, as a function of the code."""
    return lambda code: label(ref, dimension, code)


@cached
def _shared(ref: Ref) -> Counter[tuple[str, str]]:
    return Counter((dimension, named) for (dimension, _), named in names(ref).items())


def of_things(ref: Ref, values: Mapping[str, object]) -> dict[str, str]:
    """Of the systems and recipients among some values their names, where the pack has them; of a list of systems a list."""
    found = {dimension: names(ref).get((dimension, str(values.get(dimension)))) for dimension in ("system", "recipient_id")}
    unconfirmed = values.get(_SYSTEMS)
    if isinstance(unconfirmed, str):
        found[_SYSTEMS] = json.dumps([label(ref, "system", code) for code in json.loads(unconfirmed)])
    return {dimension: named for dimension, named in found.items() if named}


def written(ref: Ref, dimension: str, code: str) -> str:
    """Markdown of a code: its name with the code in small type beside it; without a name a purpose in words, else the code."""
    named = names(ref).get((dimension, code))
    if named:
        return f"{markdown.plain(named)} :small[{markdown.code(code)}]"
    return markdown.plain(labels.sentence(code)) if dimension == "purpose_code" else markdown.code(code)
