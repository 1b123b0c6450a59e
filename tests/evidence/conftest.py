"""The fictional organisation, published once, and its bundles.

Here: the fixtures. Not here: assertions.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from built_once import built_once
from published_demo import copy_published_demo

from orchestration.compiling import compiled_project
from promisekept.config.exports import Audience
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.demo import LANDED_AT
from promisekept.evidence.compiled_models import Models
from promisekept.evidence.export import ExportedBundle, Exporter, export
from promisekept.evidence.scope import Scope, read_period
from promisekept.publishing.reader import read_current
from promisekept.sources.zone.keys import load_key

TAKER = Exporter("m.okafor", "auditor", LANDED_AT)


@dataclass(frozen=True)
class Project:
    """A folder in which something was published."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return load_settings(self.folder)

    @cached_property
    def models(self) -> Models:
        return compiled_project().models

    @property
    def snapshot(self) -> str:
        record = read_current(self.settings.home)
        assert record is not None
        return str(record["snapshot"])

    def export(
        self,
        period: str = "2026-Q3",
        audience: Audience = "auditor",
        regime: str | None = None,
        *,
        snapshot: str | None = None,
        out: Path | None = None,
        zipped: bool = False,
        engine: Mapping[str, str] | None = None,
        ids_kept_for: str | None = None,
    ) -> ExportedBundle:
        key = load_key(self.settings.keys.pseudonym)
        scope = Scope(snapshot or self.snapshot, read_period(period), audience, regime, ids_kept_for)
        return export(self.settings.home, scope, key, self.models, TAKER, out=out, zipped=zipped, engine=engine)

    def elsewhere(self, folder: Path) -> Project:
        """The same, on what could be another machine."""
        shutil.copytree(self.folder, folder)
        return Project(folder)


AUDITORS: dict[str, Any] = {"audience": "auditor"}
PUBLIC: dict[str, Any] = {"audience": "public"}
CALIFORNIAN: dict[str, Any] = {"audience": "regulator", "regime": "US_CA_CCPA"}


@pytest.fixture(scope="session")
def larkfield(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """18 months of the demo, published at its own instant, with the three bundles below: made once for all workers."""

    def make(folder: Path) -> None:
        project = Project(copy_published_demo(folder, tmp_path_factory))
        for scope in (AUDITORS, PUBLIC, CALIFORNIAN):
            project.export(**scope)

    made = built_once(tmp_path_factory, "larkfield with bundles", make)
    return Project(shutil.copytree(made, tmp_path_factory.mktemp("evidence") / "larkfield"))


def _bundle(project: Project, **scope: Any) -> Path:
    return project.settings.home / "evidence" / Scope(project.snapshot, read_period("2026-Q3"), **scope).name


@pytest.fixture(scope="session")
def auditors(larkfield: Project) -> Path:
    """The auditor's bundle of a quarter."""
    return _bundle(larkfield, **AUDITORS)


@pytest.fixture(scope="session")
def public(larkfield: Project) -> Path:
    """The public bundle of the same quarter."""
    return _bundle(larkfield, **PUBLIC)


@pytest.fixture(scope="session")
def californian(larkfield: Project) -> Path:
    """The regulator's bundle of one law."""
    return _bundle(larkfield, **CALIFORNIAN)
