"""The text of every model as dbt compiles it for a build from scratch: how the marts of a snapshot were computed.

Here: compiling once per version of the code and keeping the text below home. Not here: what it is for (promisekept.evidence).
"""

from __future__ import annotations

import json
from pathlib import Path

from orchestration.dbt_runner import DATABASE, DbtRunner
from orchestration.pipeline import code_version
from promisekept.durable import json_bytes, replace_durably
from promisekept.evidence.export import Models


def compiled_models(home: Path) -> Models:
    """The models of this version of the code; a function of the code alone.

    Raises:
        TransformError: a model does not compile.
    """
    version = code_version()
    kept = home / "dbt" / f"models-{version}.json"
    try:
        return Models(version, json.loads(kept.read_bytes()))
    except (OSError, ValueError):
        kept.parent.mkdir(parents=True, exist_ok=True)
    texts = DbtRunner(home, home / DATABASE).compile()
    for old in kept.parent.glob("models-*.json"):
        old.unlink(missing_ok=True)
    replace_durably(kept, json_bytes(texts))
    return Models(version, texts)
