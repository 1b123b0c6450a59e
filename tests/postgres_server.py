"""A PostgreSQL server of the machine, started for a test on a port of its own and stopped by its process.

Here: where its programs lie (Debian keeps them out of PATH), a fresh cluster, starting, killing. It refuses to run as root, so
a root process runs it as `postgres`. Not here: what is in the database.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pytest

_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
PASSWORD = "correct-horse-battery"
_SETTINGS = ("fsync=off", "listen_addresses=127.0.0.1", "max_connections=20", "shared_buffers=32MB", "full_page_writes=off")


@dataclass
class Postgres:
    """One cluster; `port` stays the same when it is started again."""

    folder: Path
    port: int
    programs: Path
    process: subprocess.Popen[bytes] | None = None
    _as: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres")
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if self._as:
            os.chown(secret, self._as["user"], self._as["group"])
        login = ("-U", "owner", "-A", "scram-sha-256", "--pwfile", secret)
        self._run("initdb", "-D", self.folder / "data", *login, "--no-sync", "-E", "UTF8", "--locale", "C")

    def _run(self, program: str, *arguments: object) -> None:
        command = [self.programs / program, *map(str, arguments)]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **self._as)
        assert done.returncode == 0, done.stderr

    @property
    def dsn(self) -> str:
        """How its owner comes in."""
        return f"postgresql://owner:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = [self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder, *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log, **self._as)
        deadline = time.monotonic() + 30
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert time.monotonic() < deadline and self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once: connections break, nothing is finished."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
            self.process = None

    def execute(self, *statements: str) -> None:
        """Run and commit."""
        with closing(adbc.connect(self.dsn)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with closing(adbc.connect(self.dsn)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def fill(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows of texts, numbers and nulls."""
        values = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)
        self.execute(f"insert into {table} values {values}")


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A running server, gone afterwards; the test is skipped where the machine has none."""
    if not _FOLDERS:
        pytest.skip("no PostgreSQL server below /usr/lib/postgresql: install the package `postgresql`")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="pk-postgres-"))
    server = Postgres(folder, port, _FOLDERS[-1])
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)
