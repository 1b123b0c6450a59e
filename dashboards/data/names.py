"""What the registers of the pack call a system, a purpose, a data category or a recipient.

Here: the names of a snapshot, and a code with its name as a page writes it. Not here: names of codes that the contract lists
(promisekept/presentation/labels.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from dashboards import markdown
from dashboards.data.query import cached, rows
from dashboards.data.remediations import has_mart
from dashboards.snapshots import Ref
from promisekept.presentation import labels

_SYSTEMS = "unconfirmed_systems"


@cached
def names(ref: Ref) -> Mapping[tuple[str, str], str]:
    """(dimension, code) -> display name; empty for a snapshot without the mart."""
    if not has_mart(ref, "dim_names"):
        return {}
    found = rows(ref, "select dimension, code, name from marts.dim_names")
    return {(row["dimension"], row["code"]): row["name"] for row in found}


def name(ref: Ref, dimension: str, code: str) -> str:
    """The display name of a code, or the code itself where the pack names none."""
    return names(ref).get((dimension, code), code)


def of_things(ref: Ref, values: Mapping[str, object]) -> dict[str, str]:
    """Of the systems and recipients among some values their names, where the pack has them; of a list of systems a list."""
    found = {dimension: names(ref).get((dimension, str(values.get(dimension)))) for dimension in ("system", "recipient_id")}
    unconfirmed = values.get(_SYSTEMS)
    if isinstance(unconfirmed, str):
        found[_SYSTEMS] = json.dumps([name(ref, "system", code) for code in json.loads(unconfirmed)])
    return {dimension: named for dimension, named in found.items() if named}


def written(ref: Ref, dimension: str, code: str) -> str:
    """Markdown of a code: its name with the code in small type beside it; without a name a purpose in words, else the code."""
    named = names(ref).get((dimension, code))
    if named:
        return f"{markdown.plain(named)} :small[{markdown.code(code)}]"
    return markdown.plain(labels.sentence(code)) if dimension == "purpose_code" else markdown.code(code)
