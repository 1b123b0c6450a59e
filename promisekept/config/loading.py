"""promisekept.yml -> one frozen `Settings`, or a message with the path of each wrong key.

Here: reading the file, and the words for what it may not hold. Not here: what it may hold
(settings.py), or opening what it names (sources, pack, keys). Nothing is read from the environment and nothing is created:
loading is free of side effects, so `check` can do it anywhere.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from promisekept.config import strict_yaml
from promisekept.config.alerts import CHANNELS, Alerts
from promisekept.config.dashboard import Dashboard, SignIn
from promisekept.config.exports import PeriodExport
from promisekept.config.links import Links
from promisekept.config.own_dimensions import Dimension, OwnDimensions
from promisekept.config.preprocessing import Decode, History
from promisekept.config.readers import KINDS, MODELS
from promisekept.config.references import check_references
from promisekept.config.settings import Engine, Keys, Organisation, Retention, Schedules, Settings, SnapshotRetention, Thresholds
from promisekept.config.source import Expect, Source, with_links
from promisekept.errors import ConfigError


def load_settings(path: Path) -> Settings:
    """Read promisekept.yml.

    Args:
        path: the file, or the folder that holds it.

    Returns:
        Frozen settings with absolute paths.

    Raises:
        ConfigError: no file, no YAML, an unknown key, a wrong value or a mapping that is not there; the message
            holds the key's path, the value and the remedy.
    """
    file = (path / "promisekept.yml" if path.is_dir() else path).absolute()
    if not file.is_file():
        raise ConfigError(f"{file}: there is no such file.\n  Make one with `promisekept init DIR`, or name it with --config.")
    try:
        raw = strict_yaml.parse(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: this is not readable YAML.\n  {error}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{file}: expected keys such as `organisation` and `sources`, found {type(raw).__name__}.")
    if "config" in raw:
        raise ConfigError(f"{file}: config: unknown key.\n  Remove it.")
    try:
        settings = Settings.model_validate(raw | {"config": file}, context=file.parent)
    except ValidationError as error:
        raise ConfigError(_explain(error, file)) from None
    dimensioned = (one.model_copy(update={"dimensions": settings.dimensions.columns(one.log)}) for one in settings.sources)
    settings = settings.model_copy(update={"sources": tuple(with_links(dimensioned))})
    check_references(settings, file)
    return settings


def _explain(error: ValidationError, file: Path) -> str:
    lines = []
    for problem in error.errors():
        loc = problem["loc"]
        is_reader = len(loc) > 2 and loc[2] == "reader"
        kind, loc = (loc[3], (*loc[:3], *loc[4:])) if is_reader and len(loc) > 3 and loc[3] in KINDS else ("files", loc)
        where = ".".join(f"[{part}]" if isinstance(part, int) else str(part) for part in loc).replace(".[", "[")
        # What somebody took for the place of a credential must not come to a terminal or a log.
        secret = is_reader and (kind != "files" or len(loc) == 3 or "store" in loc)
        value = "not shown, it may be a credential" if secret else _shown(problem.get("input"))
        if problem["type"] == "extra_forbidden":
            # The keys of another kind of reader would be no help.
            keys = sorted(KINDS[str(kind)].model_fields) if is_reader and len(loc) == 4 else _known_keys()
            near = get_close_matches(str(loc[-1]), keys, n=1)
            remedy = (
                f"Did you mean `{near[0]}`?" if near else "Remove it, or see docs/configuration.md for the keys that there are."
            )
            lines.append(f"{where}: unknown key.\n  {remedy}")
        elif problem["type"] == "missing":
            lines.append(f"{where}: this key is missing.\n  Add it; docs/configuration.md shows an example.")
        elif problem["type"] == "union_tag_invalid":
            kinds = ", ".join(KINDS)
            lines.append(f"{where}.kind: `{problem['ctx']['tag']}` is no kind of reader.\n  There are: {kinds}")
        else:
            lines.append(f"{where}: {problem['msg'].removeprefix('Value error, ')}.\n  Found: {value}")
    return f"{file}:\n" + "\n".join(lines)


def _shown(value: Any) -> str:
    """A value as an error repeats it: what holds others may hold a credential."""
    if isinstance(value, dict | list):
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}, not shown"
    return repr(value)


def _known_keys() -> list[str]:
    models: list[type[BaseModel]] = [
        Settings, Organisation, Keys, *MODELS, Expect, Links, Source, Schedules, Thresholds, Retention, SnapshotRetention, Engine,
        Dashboard, SignIn, Decode, History, Alerts, *CHANNELS, PeriodExport, OwnDimensions, Dimension,
    ]  # fmt: skip
    return sorted({name for model in models for name in model.model_fields} - {"config", "linking"})
