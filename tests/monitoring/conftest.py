"""A home with one source that is expected daily, and a published snapshot whose controls a test sets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from small_snapshots import publish
from world import World, help_desk

from promisekept.config.settings import Settings

MONDAY = datetime(2026, 9, 28, 5, tzinfo=UTC)


class Desk:
    """One help desk, due each day with six hours of grace."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.alerts: dict[str, Any] = {}
        self.configure()
        self.home.mkdir()

    def configure(self, **alerts: Any) -> None:
        self.alerts = alerts
        source = help_desk("helpdesk", "requests") | {"expect": {"every": "P1D", "grace": "PT6H"}}
        self.world.configure(source, alerts=alerts)

    @property
    def settings(self) -> Settings:
        return self.world.settings

    @property
    def home(self) -> Path:
        return self.settings.home

    def delivers(self, at: datetime) -> None:
        """Another request comes and lands."""
        self.world.request(f"r{at:%d%H}", received=at)
        self.world.land(at)

    def publishes(self, at: datetime, **controls: tuple[str, int]) -> None:
        """A snapshot in which each control has a status and so many breaches."""
        rows = ", ".join(f"('{control}', '{status}', {breaches})" for control, (status, breaches) in controls.items())
        status = (
            "select control_id, status, breaches, 'to_date' as period_grain"
            f" from (values {rows}) as rows(control_id, status, breaches)"
        )
        publish(self.home, at, {"as_of": at}, fct_control_status=status)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")
