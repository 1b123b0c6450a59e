"""The demo, written, landed and computed once for all tests of this room.

Here: the fixtures. Not here: assertions, nor what the files hold (inbox.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from demo.inbox import Inbox
from world import Report

from orchestration import pipeline
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.demo import AS_OF, LANDED_AT, write_demo
from promisekept.sources.landing.land import Landed


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fictional organisation, as it was written."""
    folder = tmp_path_factory.mktemp("demo") / "larkfield"
    write_demo(folder)
    return folder


@pytest.fixture(scope="session")
def inbox(project: Path) -> Inbox:
    """Its deliveries."""
    return Inbox(project)


@pytest.fixture(scope="session")
def settled(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list[Landed]]:
    """The same folder once everything in it has landed, and what landing reported of each file."""
    folder = tmp_path_factory.mktemp("landed") / "larkfield"
    shutil.copytree(project, folder)
    settings = load_settings(folder)
    settings.home.mkdir()
    return settings, list(pipeline.land_sources(settings, LANDED_AT).landed)


@pytest.fixture(scope="session")
def larkfield(settled: tuple[Settings, list[Landed]]) -> Report:
    """The marts of the 18 months, at the demo's own instant."""
    settings, _ = settled
    build = pipeline.prepare(settings, pipeline.fix_instants(settings, AS_OF, None), pipeline.read_pack(settings))
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    return Report(build.outgoing)
