"""Who gets alerts in the tests: a server that takes webhooks and one that takes mail, each over a real socket of this machine."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class Hook:
    """What came to a webhook. `answers` are the status codes of the next requests, then always 204; 0 = it hangs up."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """Every alert that was taken, in order."""
        return [alert for body in self.bodies for alert in json.loads(body)["alerts"]]


@contextmanager
def a_hook(port: int = 0) -> Iterator[Hook]:
    """A server that takes JSON."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = hook.answers.pop(0) if hook.answers else 204
            time.sleep(hook.seconds)
            if answer == 0:
                self.close_connection = True
                return
            if answer < 300:
                hook.bodies.append(body)
                hook.headers.append(dict(self.headers))
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    hook.url = f"http://127.0.0.1:{server.server_port}/services/T0/secret-part"
    try:
        yield hook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Post:
    """What came to a mail server, and who signed in."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


@contextmanager
def a_mail_server(certificate: Path | None = None, password: str | None = None, *, smtps: bool = False) -> Iterator[Post]:
    """A server that takes mail; with a certificate only after STARTTLS or by `smtps`, with a password only from `robot`."""
    post = Post()

    class Handler:
        async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - the library's name for it
            answer = post.answers.pop(0) if post.answers else "250 taken"
            if answer.startswith("250"):
                post.mails.append(message_from_bytes(envelope.content))
                post.to.append(envelope.rcpt_tos)
            return answer

    def authenticate(_server: object, _session: object, _envelope: object, _how: object, said: object) -> AuthResult:
        known = isinstance(said, LoginPassword) and (said.login, said.password) == (b"robot", (password or "").encode())
        if known:
            post.users.append("robot")
        return AuthResult(success=known, handled=False)

    tls = None
    if certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
    controller = Controller(
        Handler(),
        hostname="127.0.0.1",
        port=_free_port(),
        ssl_context=tls if smtps else None,
        tls_context=None if smtps else tls,
        require_starttls=tls is not None and not smtps,
        auth_required=password is not None,
        auth_require_tls=not smtps,  # it looks for STARTTLS alone
        authenticator=authenticate if password is not None else None,
    )
    controller.start()
    try:
        post.port = controller.port
        yield post
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def an_authority_and_a_certificate(folder: Path) -> tuple[Path, Path]:
    """PEM of an authority, and of a server on this machine that it vouches for, its key in the same file."""
    authority, server, key = folder / "authority.pem", folder / "server.pem", folder / "key.pem"
    new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2")
    may_sign = ("-addext", "keyUsage=critical,keyCertSign")
    subprocess.run(
        [*new, "-subj", "/CN=authority", *may_sign, "-keyout", folder / "ca.key", "-out", authority],
        check=True,
        capture_output=True,
    )
    here = ("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE")
    issued = ("-CA", authority, "-CAkey", folder / "ca.key")
    subprocess.run(
        [*new, *issued, "-subj", "/CN=localhost", *here, "-keyout", key, "-out", server], check=True, capture_output=True
    )
    server.write_bytes(key.read_bytes() + server.read_bytes())
    return authority, server
