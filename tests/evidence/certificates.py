"""Authorities and certificates as organisations have them, and a time authority on this machine's own network.

Here: what openssl makes for tests of signatures. Not here: what `promisekept keys signing` makes.
"""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

EVERYTHING = ("keyUsage=critical,digitalSignature",)
DATING = ("keyUsage=critical,digitalSignature", "extendedKeyUsage=critical,timeStamping")
_NOBODY = "basicConstraints=critical,CA:FALSE"


def openssl(*arguments: str | Path) -> str:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def an_authority(folder: Path, name: str) -> Path:
    """A certificate authority's own certificate, its key beside it in the same file."""
    file = folder / f"{name}.pem"
    _request(file, "-x509", "-days", "30", "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign")
    return file


def a_certificate(
    folder: Path,
    name: str,
    issuer: Path | None = None,
    extensions: tuple[str, ...] = EVERYTHING,
    valid: tuple[str, str] | None = None,
) -> Path:
    """Key and certificate in one file; `valid` are the first and last instant, as `20260101000000Z`."""
    file = folder / f"{name}.pem"
    issued = ("-CA", issuer, "-CAkey", issuer) if issuer else ()
    dates = ("-not_before", valid[0], "-not_after", valid[1]) if valid else ("-days", "30")
    added = [part for extension in (_NOBODY, *extensions) for part in ("-addext", extension)]
    _request(file, "-x509", *issued, *dates, "-subj", f"/O=Example Ltd/CN={name}", *added)
    file.chmod(0o600)
    return file


def _request(file: Path, *arguments: str | Path) -> None:
    key = file.with_suffix(".key")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", key, "-out", file, *arguments)
    file.write_bytes(key.read_bytes() + file.read_bytes())
    key.unlink()


@contextmanager
def a_time_authority(folder: Path, key_file: Path, answer: bytes | None = None, *, refusals: int = 0):
    """An RFC 3161 authority that answers over HTTP with `openssl ts`, or always with `answer`; it is busy `refusals` times."""
    configuration = folder / "authority.cnf"
    configuration.write_text(
        f"[a]\nserial={folder / 'serial'}\ndigests=sha256,sha512\ndefault_policy=1.2.3.4\nsigner_digest=sha256\n"
        "accuracy=secs:1,millisecs:500\nclock_precision_digits=3\nordering=no\ness_cert_id_alg=sha256\n"
    )
    (folder / "serial").write_text("01\n")
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.headers["Content-Type"])
            query, reply = folder / "query", folder / "reply"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            if len(asked) <= refusals:
                self.send_error(503)
                return
            signing = ("-signer", key_file, "-inkey", key_file)
            openssl("ts", "-reply", "-config", configuration, "-section", "a", "-queryfile", query, *signing, "-out", reply)
            content = reply.read_bytes() if answer is None else answer
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
