"""The invented organisation, published once, and the app run without a browser."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import invented
import pytest
from opened_pages import APP, PUBLISHED, Open
from streamlit import config
from streamlit.testing.v1 import AppTest

from dashboards import clock
from dashboards.charts import drawing
from dashboards.page import PAGES
from dashboards.snapshots import Ref

FILES = {f"/{path}": file for members in PAGES.values() for file, _, _, path in members}


drawing.CHECKED = True
config.set_option("server.address", "127.0.0.1")  # as `promisekept dashboard` does: AppTest starts no server


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

    def run(
        path: str = "/",
        at: Path = home,
        later: timedelta = timedelta(hours=2),
        address: Mapping[str, str] | None = None,
        **query: str | list[str],
    ) -> AppTest:
        """`address` takes the parameters whose names this function has for itself."""
        monkeypatch.setattr(sys, "argv", ["app.py", "--home", str(at)])
        monkeypatch.setattr(clock, "now", lambda: PUBLISHED + later)
        app = AppTest.from_file(str(APP), default_timeout=60)
        if path != "/":
            app.run()
            app.switch_page(FILES[path])
        for name, value in {**(address or {}), **query}.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return run
