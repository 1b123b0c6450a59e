"""A real S3-compatible server for tests: Ceph's object gateway, keeping its objects in SQLite below a folder.

Here: starting, killing and starting it again on its port, a user with keys, writing objects, and a relay that kills it in the
middle of an answer. Not here: any expectation. It runs without a cluster; this way of storing answers requests for a whole
object rightly, and ranges not, so nothing here asks for a range.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import s3fs
from source_project import Project

KEY, SECRET = "READERSKEYID", "readers-secret-that-nobody-may-see"
BUCKET = "logs"
INSTALLED = shutil.which("radosgw") is not None
_QUICK = {"timeouts": {"connect": "PT2S", "read": "PT5S"}, "retries": 5}
WHY_NOT = "the S3-compatible server is not installed: apt-get install --no-install-recommends radosgw"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Gateway:
    """The server, its bucket `logs`, and the user who may read it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._config = folder / "ceph.conf"
        self._process: subprocess.Popen[bytes] | None = None
        data = folder / "objects"
        folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(
            f"[global]\nlog_file =\nadmin_socket =\nrun_dir = {folder}\n[client.rgw.test]\n"
            f"rgw_backend_store = dbstore\nrgw_config_store = dbstore\ndbstore_db_dir = {data}\n"
            f"dbstore_config_uri = file:{data}/config.db\nrgw_data = {data}\n"
            f"rgw_frontends = beast endpoint=127.0.0.1:{self.port}\n"
        )
        self._create_user(data)
        self.start()
        self.client.call_s3("create_bucket", Bucket=BUCKET)

    def _create_user(self, data: Path) -> None:
        """Before the server begins, in an empty folder: now and then the tool waits for itself without end."""
        user = ["user", "create", "--uid=reader", "--display-name=Reader", f"--access-key={KEY}", f"--secret={SECRET}"]
        for seconds in (15, 15, 30, 60):
            shutil.rmtree(data, ignore_errors=True)
            data.mkdir()
            try:
                subprocess.run(["radosgw-admin", *self._arguments, *user], check=True, capture_output=True, timeout=seconds)
            except subprocess.TimeoutExpired:
                continue
            return
        raise TimeoutError("radosgw-admin")

    @property
    def _arguments(self) -> list[str]:
        return ["-c", str(self._config), "-n", "client.rgw.test", "--no-mon-config"]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> s3fs.S3FileSystem:
        """The writer of objects."""
        return s3fs.S3FileSystem(key=KEY, secret=SECRET, endpoint_url=self.url, use_listings_cache=False)

    def start(self) -> None:
        """Begin to answer, with whatever lies in the folder."""
        silent = subprocess.DEVNULL
        self._process = subprocess.Popen(["radosgw", *self._arguments, "-f"], stdout=silent, stderr=silent)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise TimeoutError("the gateway did not start within half a minute")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def put(self, name: str, content: bytes) -> None:
        """Write an object in one piece."""
        self.client.pipe_file(f"{BUCKET}/{name}", content, chunksize=1 << 28)


class Relay:
    """A port that passes everything on to a server, and once, after so many bytes of answers, does something terrible."""

    def __init__(self, port: int, after: int, then: Callable[[], None]) -> None:
        self._target, self._left, self._then = port, after, then
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.happened = 0
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Accept nothing more."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.connections += 1
                try:
                    far = socket.create_connection(("127.0.0.1", self._target), 5)
                except OSError:
                    near.close()
                    continue
                threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, True), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                if is_answer and not self.happened:
                    self._left -= len(chunk)
                    if self._left < 0:
                        self.happened += 1
                        self._then()
                        break
                sink.sendall(chunk)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def stored(project: Project, gateway: Gateway, name: str = "helpdesk", path: str = "s3://logs/in/*", **keys: Any) -> Project:
    """Declare a source whose files lie in the server's bucket; `store` changes how it is come to, null takes a key out."""
    store = {"endpoint_url": gateway.url, "key_env": "LOGS_KEY", "secret_env": "LOGS_SECRET", **_QUICK, **keys.pop("store", {})}
    store = {key: value for key, value in store.items() if value is not None}
    return project.source(name, path=path, reader={"store": store}, **keys)
