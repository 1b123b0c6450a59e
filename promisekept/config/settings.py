"""The whole configuration as one frozen `Settings`.

Here: what promisekept.yml may hold and its defaults. Not here: reading the file (loading.py), its sources (source.py), or opening
what it names.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator, model_validator

from promisekept.config.alerts import Alerts
from promisekept.config.api import Api
from promisekept.config.cron import Cron
from promisekept.config.dashboard import Dashboard
from promisekept.config.durations import IsoPeriod
from promisekept.config.exports import PeriodExport
from promisekept.config.own_dimensions import OwnDimensions
from promisekept.config.relative_paths import KeyPath, ResolvedPath
from promisekept.config.source import Source
from promisekept.config.time_zone import Zone
from promisekept.errors import ConfigError
from promisekept.frozen import Frozen
from promisekept.paths import printable

_SECRET = re.compile(r"secret|password|token|access[.]?key", re.IGNORECASE)
"""What Spark itself hides in its logs."""


def _size(text: str) -> str:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)? ?([KMGT]i?B|%)", text):
        raise ValueError("this is no amount of memory; write one with its unit, such as 8GB, or a share of all, such as 60%")
    return text


class Organisation(Frozen):
    """Whose promises are measured, and the zone in which its days begin."""

    name: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    time_zone: Zone

    def local_day(self, instant: datetime) -> date:
        """The organisation's day of an instant."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()


class Keys(Frozen):
    """Where the keys lie; they are never copied anywhere. `signing` may be the `pkcs11:` URI of a key in a token."""

    pseudonym: ResolvedPath
    signing: KeyPath | None = None


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
    period_close: IsoPeriod = "P6Y"


class Retention(Frozen):
    """How long our own evidence is kept; what is purged leaves its ledger line behind."""

    landing: IsoPeriod = "P6Y"
    snapshots: SnapshotRetention = SnapshotRetention()
    quarantine: IsoPeriod = "P90D"


class Engine(Frozen):
    """What computes the models, and what DuckDB may take of the machine; what does not fit into memory spills to disk.

    `master` and `conf` are Spark's: where it runs, and its settings. A secret among them would be in plain text here; Spark reads
    it from `spark-defaults.conf` in SPARK_CONF_DIR or from the environment.
    """

    memory_limit: Annotated[str, AfterValidator(_size)] | None = None
    temp_directory: ResolvedPath | None = None
    kind: Literal["duckdb", "spark"] = "duckdb"
    master: str = "local[*]"
    conf: dict[Annotated[str, Field(pattern=r"^spark\.")], str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _without_secrets(self) -> Self:
        secret = next((name for name in self.conf if _SECRET.search(name)), None)
        if secret is not None:
            raise ValueError(
                f"conf: {secret} is a secret; write it to spark-defaults.conf in SPARK_CONF_DIR, for its owner alone"
            )
        if self.kind == "duckdb" and (self.conf or self.master != "local[*]"):
            raise ValueError("master and conf are settings of Spark; add `kind: spark`")
        return self

    @property
    def config(self) -> dict[str, str]:
        """Those of DuckDB's settings that are given."""
        given = {"memory_limit": self.memory_limit, "temp_directory": self.temp_directory}
        return {name: str(value) for name, value in given.items() if value is not None}


class Settings(Frozen):
    """The whole configuration; every path in it is absolute."""

    organisation: Organisation
    home: ResolvedPath
    pack: ResolvedPath
    keys: Keys
    sources: tuple[Source, ...]
    dimensions: OwnDimensions = OwnDimensions()
    schedules: Schedules = Schedules()
    thresholds: Thresholds = Thresholds()
    retention: Retention = Retention()
    engine: Engine = Engine()
    dashboard: Dashboard = Dashboard()
    api: Api = Api()
    exports: tuple[PeriodExport, ...] = (PeriodExport(audience="auditor"),)
    alerts: Alerts = Alerts()
    config: Path

    @property
    def base(self) -> Path:
        """The folder of promisekept.yml, from which relative paths are read."""
        return self.config.parent

    @field_validator("home")
    @classmethod
    def _holds_databases(cls, home: Path) -> Path:
        for unfit in "?\\":  # DuckDB takes what follows for the parameters of an address, and a `\` for a `/`
            if unfit in str(home):
                message = f"`{home}` has a `{unfit}`, and DuckDB can write no database below such a folder; choose another"
                raise ValueError(message)
        if (shown := printable(home)) != str(home):
            message = f"`{shown}` holds bytes that are no UTF-8, and DuckDB can write no database there; choose another"
            raise ValueError(message)
        return home

    @model_validator(mode="after")
    def _provider_needs_roles(self) -> Settings:
        if self.api.oidc is not None and self.dashboard.sign_in is None:
            message = "`api.oidc` needs `dashboard.sign_in`, which names the claim that gives a role; add it, or use `api.tokens`"
            raise ValueError(message)
        return self

    def source(self, name: str) -> Source:
        """The source of that name.

        Raises:
            ConfigError: there is none; the message lists those that there are.
        """
        for source in self.sources:
            if source.name == name:
                return source
        names = ", ".join(source.name for source in self.sources) or "none"
        raise ConfigError(f"sources: there is no source `{name}`.\n  Configured: {names}")
