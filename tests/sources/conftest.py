"""What the tests of this room begin with: a project, and the servers that its sources ask."""

from collections.abc import Iterator

import pytest
from object_gateway import KEY, SECRET, Gateway
from postgres_server import Postgres, postgres
from queried_project import TABLE, Shop
from source_project import Project

from promisekept.sources.extract import retry


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL server, one for each file that asks for it."""
    with postgres() as running:
        yield running


@pytest.fixture
def table(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    """The server with an empty table; the variable HELPDESK_DB holds its address."""
    monkeypatch.setenv("HELPDESK_DB", server.dsn)
    server.execute("drop table if exists cases", TABLE.format(name="cases"))
    return server


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A SQLite file with an empty table; the variable SHOP_URL holds its address."""
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{project.folder / 'shop.db'}")
    return Shop(project.folder / "shop.db")


@pytest.fixture(scope="module")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """An S3-compatible server, one for each file that asks for it."""
    running = Gateway(tmp_path_factory.mktemp("gateway"))
    yield running
    running.kill()


@pytest.fixture
def gateway(object_store: Gateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """That server with an empty bucket; the variables LOGS_KEY and LOGS_SECRET let in who reads it."""
    monkeypatch.setenv("LOGS_KEY", KEY)
    monkeypatch.setenv("LOGS_SECRET", SECRET)
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.2)
    for left in object_store.client.find("logs"):
        object_store.client.rm_file(left)
    return object_store
