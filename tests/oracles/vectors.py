"""The worked examples of deadlines: events in, dates and state out, each with its source and confidence.

Here: reading `tests/law/vectors.jsonl` and `statute_vectors.jsonl`, one example a line; `expect` names the columns that an
example decides. Ids that begin with P come from a published example, those with D are computed from the text, those with Y were
added for coverage. Those with S are computed from the words of a statute or a regulator, whose place (`text`) and day of
reading they name. Not here: evaluating.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "law" / "vectors.jsonl"
OF_STATUTES = VECTORS.with_name("statute_vectors.jsonl")


def read_vectors() -> list[dict[str, Any]]:
    """Every worked example: `events` as rows of the requests log, with only the columns that matter to it."""
    lines = [line for file in (VECTORS, OF_STATUTES) for line in file.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in lines]
