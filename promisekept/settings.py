"""promisekept.yml -> one frozen `Settings`.

Here: what the configuration may hold, its defaults, and the message for what it may not. Not here: opening what it
names (sources, pack, keys). Nothing is read from the environment and nothing is created: loading settings is free of
side effects, so `check` can do it anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator

from promisekept import strict_yaml
from promisekept.cron import Cron
from promisekept.durations import Interval, Period
from promisekept.errors import ConfigError
from promisekept.frozen import Frozen
from promisekept.linking import Links, with_links
from promisekept.readers import Dashboard, SignIn
from promisekept.reading import KINDS, MODELS, Files, Reader, absolute
from promisekept.references import check_references
from promisekept.shaping import Decode, History
from promisekept.unattended.settings import CHANNELS, Alerts, PeriodExport
from promisekept.unattended.settings import absolute as absolute_channels

LogName = Literal[
    "requests", "consents", "disclosures", "retention", "collections", "processing", "incidents", "policies", "subject_links"
]  # fmt: skip
LOGS: tuple[LogName, ...] = get_args(LogName)


def _zone(value: object) -> str:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"`{value}` is no time zone; use a name of the IANA database such as Europe/Dublin"
        raise ValueError(message) from None
    return str(value)


Zone = Annotated[str, BeforeValidator(_zone)]
SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Organisation(Frozen):
    """Whose promises are judged, and the zone in which its days begin."""

    name: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    time_zone: Zone

    def local_day(self, instant: datetime) -> date:
        """The organisation's day of an instant."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()


class Keys(Frozen):
    """Where the keys lie; they are never copied anywhere. `signing` may be the `pkcs11:` URI of a key in a token."""

    pseudonym: Path
    signing: str | None = None


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
    control_total: Path | None = None
    control_query: str | None = None
    sequence: str | None = None
    links: Links | None = None
    linking: Links | None = Field(default=None, exclude=True)
    defaults: dict[str, str] = Field(default_factory=dict)
    formats: dict[str, str] = Field(default_factory=dict)
    skip: str | None = None
    declared_due: Literal["date", "instant"] = "date"
    decode: tuple[Decode, ...] = ()
    history: History | None = None
    mapping: Path | None = None

    @property
    def where(self) -> str:
        """Where its rows come from, in words that hold no credential: a path, or the kind of reader and its name."""
        return self.reader.path if isinstance(self.reader, Files) else f"{self.reader.kind}:{self.name}"

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
            message = "`linking` is no key; say `links`"
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


class Schedules(Frozen):
    """When Dagster runs by itself, in the organisation's zone (cron)."""

    daily: Cron = "0 6 * * *"
    period_close: Cron = "0 7 2 * *"


class Thresholds(Frozen):
    """Where a number becomes a warning or stops being evidence."""

    due_soon_days: Annotated[int, Field(ge=0)] = 7
    record_due_soon_days: Annotated[int, Field(ge=0)] = 30
    erasure_grace_days: Annotated[int, Field(ge=0)] = 30
    small_cell: Annotated[int, Field(ge=1)] = 10
    refused_rows: Annotated[float, Field(ge=0, le=1)] = 0.001
    match_rate: Annotated[float, Field(ge=0, le=1)] = 0.5


class SnapshotRetention(Frozen):
    """How many daily snapshots are kept, and for how long those of a period's close."""

    daily: Annotated[int, Field(ge=1)] = 30
    period_close: Period = "P6Y"


class Retention(Frozen):
    """How long our own evidence is kept; what falls out leaves its ledger line behind."""

    landing: Period = "P6Y"
    snapshots: SnapshotRetention = SnapshotRetention()
    quarantine: Period = "P90D"


class Engine(Frozen):
    """What DuckDB may take of the machine while landing, building and exporting; what does not fit into memory spills to disk."""

    memory_limit: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)? ?([KMGT]i?B|%)$")] | None = None
    temp_directory: Path | None = None

    @property
    def config(self) -> dict[str, str]:
        """Those of DuckDB's settings that are given."""
        given = {"memory_limit": self.memory_limit, "temp_directory": self.temp_directory}
        return {name: str(value) for name, value in given.items() if value is not None}


class Settings(Frozen):
    """The whole configuration; every path in it is absolute."""

    organisation: Organisation
    home: Path
    pack: Path
    keys: Keys
    sources: tuple[Source, ...]
    schedules: Schedules = Schedules()
    thresholds: Thresholds = Thresholds()
    retention: Retention = Retention()
    engine: Engine = Engine()
    dashboard: Dashboard = Dashboard()
    exports: tuple[PeriodExport, ...] = (PeriodExport(audience="auditor"),)
    alerts: Alerts = Alerts()
    config: Path

    @property
    def base(self) -> Path:
        """The folder of promisekept.yml, from which relative paths are read."""
        return self.config.parent

    def source(self, name: str) -> Source:
        """The source of that name.

        Raises:
            ConfigError: there is none; the message lists those that there are.
        """
        for source in self.sources:
            if source.name == name:
                return source
        known = ", ".join(source.name for source in self.sources) or "none"
        raise ConfigError(f"sources: there is no source `{name}`.\n  Configured: {known}")


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
        settings = Settings.model_validate(_absolute(raw, file.parent) | {"config": file})
    except ValidationError as error:
        raise ConfigError(_explain(error, file)) from None
    settings = settings.model_copy(update={"sources": tuple(with_links(settings.sources))})
    check_references(settings, file)
    return settings


def _absolute(raw: dict[str, Any], base: Path) -> dict[str, Any]:
    def at(value: Any) -> Any:
        return (base / value).resolve() if isinstance(value, str) else value

    out = dict(raw)
    for key in ("home", "pack"):
        if key in out:
            out[key] = at(out[key])
    if isinstance(out.get("engine"), dict) and "temp_directory" in out["engine"]:
        out["engine"] = {**out["engine"], "temp_directory": at(out["engine"]["temp_directory"])}
    sign_in = out["dashboard"].get("sign_in") if isinstance(out.get("dashboard"), dict) else None
    if isinstance(sign_in, dict) and "secrets" in sign_in:
        out["dashboard"] = {**out["dashboard"], "sign_in": {**sign_in, "secrets": at(sign_in["secrets"])}}
    if "alerts" in out:
        out["alerts"] = absolute_channels(out["alerts"], base)
    if isinstance(out.get("keys"), dict):
        out["keys"] = {key: _key(at, value) for key, value in out["keys"].items()}
    if isinstance(out.get("sources"), list):
        out["sources"] = [
            {
                key: at(value)
                if key in ("mapping", "control_total")
                else absolute(value, base)
                if key == "reader" and isinstance(value, dict)
                else value
                for key, value in source.items()
            }
            if isinstance(source, dict)
            else source
            for source in out["sources"]
        ]
    return out


def _key(at: Callable[[Any], Any], value: Any) -> Any:
    if not isinstance(value, str) or value.startswith("pkcs11:"):
        return value
    return str(at(value))


def _explain(error: ValidationError, file: Path) -> str:
    lines = []
    for problem in error.errors():
        loc = problem["loc"]
        asked = len(loc) > 2 and loc[2] == "reader"
        kind, loc = (loc[3], (*loc[:3], *loc[4:])) if asked and len(loc) > 3 and loc[3] in KINDS else ("files", loc)
        where = ".".join(f"[{part}]" if isinstance(part, int) else str(part) for part in loc).replace(".[", "[")
        # What somebody took for the place of a credential must not come to a terminal or a log.
        secret = asked and (kind != "files" or len(loc) == 3 or "store" in loc)
        value = "not shown, it may be a credential" if secret else repr(problem.get("input"))
        if problem["type"] == "extra_forbidden":
            near = get_close_matches(str(loc[-1]), _known_keys(), n=1)
            remedy = (
                f"Did you mean `{near[0]}`?" if near else "Remove it, or see docs/configuration.md for the keys that there are."
            )
            lines.append(f"{where}: unknown key (its value is {value}).\n  {remedy}")
        elif problem["type"] == "missing":
            lines.append(f"{where}: this key is missing.\n  Add it; docs/configuration.md shows an example.")
        elif problem["type"] == "union_tag_invalid":
            kinds = ", ".join(KINDS)
            lines.append(f"{where}.kind: `{problem['ctx']['tag']}` is no kind of reader.\n  There are: {kinds}")
        else:
            lines.append(f"{where}: {problem['msg'].removeprefix('Value error, ')}.\n  Found: {value}")
    return f"{file}:\n" + "\n".join(lines)


def _known_keys() -> list[str]:
    models: list[type[BaseModel]] = [
        Settings, Organisation, Keys, *MODELS, Expect, Links, Source, Schedules, Thresholds, Retention, SnapshotRetention, Engine,
        Dashboard, SignIn, Decode, History, Alerts, *CHANNELS, PeriodExport,
    ]  # fmt: skip
    return sorted({name for model in models for name in model.model_fields} - {"config", "linking"})
