"""The text of every model as dbt compiles it for a build from scratch: how the marts of a snapshot were computed.

Here: compiling once per version of the code and keeping the text below home. The first export takes five processor seconds
for it, every later one none: benchmarks/bundles.py has both in its step "models". Not here: what it is for
(promisekept.evidence).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from orchestration.dbt_runner import DATABASE, DbtRunner
from orchestration.versions import code_version
from promisekept.durable import replace_durably
from promisekept.evidence.compiled_models import Model, Models, Seed


def compiled_models(home: Path) -> Models:
    """The models of this version of the code; a function of the code alone.

    Raises:
        TransformError: a model does not compile.
    """
    version = code_version()
    kept = home / "dbt" / f"models-{version}.json"
    try:
        return _read(version, kept.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):  # none, half of one, or of a version that kept less
        kept.parent.mkdir(parents=True, exist_ok=True)
    runner = DbtRunner(home, home / DATABASE)
    models = Models(version, runner.compile(), runner.seeds())
    for old in kept.parent.glob("models-*.json"):
        old.unlink(missing_ok=True)
    # As lists: the order of the models is that in which they run.
    content = [[[name, asdict(one)] for name, one in found.items()] for found in (models.models, models.seeds)]
    replace_durably(kept, json.dumps(content, ensure_ascii=False).encode())
    return models


def _read(version: str, content: bytes) -> Models:
    models, seeds = json.loads(content)
    compiled = {name: Model(**one | {"reads": tuple(one["reads"])}) for name, one in models}
    return Models(version, compiled, {name: Seed(**one) for name, one in seeds})
