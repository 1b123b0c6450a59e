"""The invented organisation, published once, and the app run without a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import invented
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import clock
from dashboards.snapshots import Ref

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"
PUBLISHED = datetime(2026, 10, 1, 10, 14, tzinfo=UTC)
FILES = {"/": "views/overview.py", "/requests": "views/requests.py", "/quality": "views/quality.py"}

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one published snapshot of 600 requests."""
    folder = tmp_path_factory.mktemp("larkfield")
    invented.publish(folder, PUBLISHED, 600)
    return folder


@pytest.fixture(scope="session")
def ref(home: Path) -> Ref:
    """The snapshot's name, for questions put to data/ directly."""
    return Ref(str(home), next((home / "snapshots").glob("0*")).name)


@pytest.fixture
def open_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Run a page as a reader would open it, two hours after publication."""

    def run(path: str = "/", at: Path = home, later: timedelta = timedelta(hours=2), **query: str | list[str]) -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", "--home", str(at)])
        monkeypatch.setattr(clock, "now", lambda: PUBLISHED + later)
        app = AppTest.from_file(str(APP), default_timeout=60)
        if path != "/":
            app.run()
            app.switch_page(FILES[path])
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return run


def texts(app: AppTest) -> str:
    """Everything that the page says outside charts and tables."""
    parts = [*app.markdown, *app.caption, *app.title, *app.header, *app.error, *app.warning, *app.info]
    return "\n".join([*(str(part.value) for part in parts), *(f"{metric.label} {metric.value}" for metric in app.metric)])


def figure(app: AppTest, name: str) -> str:
    """The value of the card of that name."""
    return next(str(metric.value) for metric in app.metric if metric.label == name)


def rows_of(app: AppTest, column: str) -> pd.DataFrame:
    """The table that has a column of that name."""
    return next(frame.value for frame in app.dataframe if column in frame.value)
