"""A JSON API of the standard library on a real socket: pages in each of the ways that there are, and faults when asked for.

Here: serving, paging, and breaking off as servers do. A fault is taken by the next request that comes. Not here: expectations.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

TOKEN = "tok-hunter2-secret"


@dataclass
class Fault:
    """What one request gets in place of its page: a status with headers, half of the bytes, or its bytes slowly."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    chunked: bool = False
    seconds_per_byte: float = 0.0
    body: bytes | None = None
    drop: bool = False


@dataclass
class Api:
    """The items that it holds, in the order of `updated`, and how it gives them."""

    items: list[dict[str, Any]] = field(default_factory=list)
    paging: str = "none"
    size: int = 3
    envelope: bool = True
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    token: str | None = None
    forgets: str | None = None
    server: ThreadingHTTPServer | None = None
    port: int = 0

    @property
    def url(self) -> str:
        """Where its items are."""
        return f"http://127.0.0.1:{self.port}/items"

    def start(self) -> None:
        """Listen; on the port of last time, where there was one."""
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                api._answer(self)

            def log_message(self, *_: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        given = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        self.asked.append((request.path, dict(request.headers)))
        fault = self.faults.pop(0) if self.faults else Fault()
        if fault.drop:
            request.close_connection = True
            return
        if self.token is not None and request.headers.get("Authorization") != f"Bearer {self.token}":
            fault = Fault(status=401)
        if fault.status is not None:
            self._send(request, fault, b'{"error": "jane@example.org"}', dict(fault.headers))
            return
        body, headers = self._page(given)
        self._send(request, fault, json.dumps(body).encode() if fault.body is None else fault.body, headers)

    def _page(self, given: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        found = [item for item in self.items if item.get("updated", "") >= given.get("since", "")]
        number = int(given.get("page", "1")) - 1
        begin = {"page": number * self.size, "offset": int(given.get("offset", "0")), "none": 0}.get(
            self.paging, int(given.get("after", "0"))
        )
        page = found if self.paging == "none" else found[begin : begin + self.size]
        given = {name: value for name, value in given.items() if name != self.forgets}
        following = begin + self.size if begin + self.size < len(found) else None
        headers, meta = {}, {}
        if self.paging in ("link", "header") and following is not None:
            link = "/items?" + urlencode({**given, "after": following})
            headers = {"Link": f'<{link}>; rel="next"'} if self.paging == "header" else {}
            meta = {"next": link} if self.paging == "link" else {}
        if self.paging == "cursor":
            meta = {"next": None if following is None else str(following)}
        if self.paging == "until":
            meta = {"next": "/items?" + urlencode({**given, "after": following or begin}), "end": following is None}
        return ({"data": {"items": page}, "meta": meta} if self.envelope else page), headers

    def _send(self, request: BaseHTTPRequestHandler, fault: Fault, body: bytes, headers: dict[str, str]) -> None:
        request.send_response(fault.status or 200)
        for name, value in headers.items():
            request.send_header(name, value)
        if fault.chunked:
            request.send_header("Transfer-Encoding", "chunked")
        else:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        try:
            if fault.cut:
                half = body[: len(body) // 2]
                request.wfile.write(b"%x\r\n%b\r\n" % (len(half), half) if fault.chunked else half)
                request.wfile.flush()
                request.close_connection = True
            elif fault.seconds_per_byte:
                for place in range(len(body)):
                    request.wfile.write(body[place : place + 1])
                    time.sleep(fault.seconds_per_byte)
            else:
                request.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            request.close_connection = True


@contextmanager
def api() -> Iterator[Api]:
    """A running API without items."""
    running = Api()
    running.start()
    try:
        yield running
    finally:
        running.stop()
