"""An OpenID Connect provider on 127.0.0.1 that publishes its keys and signs the tokens of a test."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

AUDIENCE = "promisekept-api"


class KeyProvider:
    """Serves until the block ends; `key` signs."""

    def __init__(self) -> None:
        self.renew("one")
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                keys = {"keys": [provider.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]}
                described = {"issuer": provider.url, "jwks_uri": f"{provider.url}/keys"}
                sent = json.dumps(keys if self.path == "/keys" else described).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> KeyProvider:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def renew(self, name: str) -> None:
        """Sign with another key from now on."""
        self.name = name
        self.key = RSAKey.generate_key(2048, parameters={"kid": name})

    def claims(self, now: datetime) -> dict[str, Any]:
        """Of a token that was issued a minute ago."""
        issued = int((now - timedelta(minutes=1)).timestamp())
        return {"iss": self.url, "aud": AUDIENCE, "sub": "person-1", "iat": issued, "exp": issued + 3600}

    def token(self, now: datetime, **claims: Any) -> str:
        """Signed; a claim of None is left out."""
        stated = {name: value for name, value in (self.claims(now) | claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.name}, stated, self.key)
