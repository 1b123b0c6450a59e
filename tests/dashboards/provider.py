"""An OpenID Connect provider on 127.0.0.1 that lets in whoever it is told to, with the groups it is told."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "promisekept-dashboard"


class Provider:
    """The provider; `claims` is whoever signs in next.

    Attributes:
        url: where it listens.
        key: signs the identity tokens.
        published: the key that the provider names, where that is another one.
        claims: of the next identity token; a negative `age` of its issue in seconds is subtracted from now.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
        self.published: RSAKey | None = None
        self.claims: dict[str, Any] = {}
        self.age = 0
        self._asked: dict[str, str | None] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()

    def _token(self, code: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "person-1", "iat": now - self.age, "exp": now + 3600}
        nonce = self._asked.pop(code)
        claims |= self.claims | ({"nonce": nonce} if nonce else {})
        return {
            "access_token": "unused",
            "token_type": "Bearer",
            "expires_in": 3600,
            "id_token": jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key),
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                if asked.path == "/.well-known/openid-configuration":
                    self._json(
                        {
                            "issuer": provider.url,
                            "authorization_endpoint": f"{provider.url}/authorize",
                            "token_endpoint": f"{provider.url}/token",
                            "jwks_uri": f"{provider.url}/jwks",
                            "response_types_supported": ["code"],
                            "subject_types_supported": ["public"],
                            "id_token_signing_alg_values_supported": ["RS256"],
                        }
                    )
                elif asked.path == "/jwks":
                    self._json({"keys": [(provider.published or provider.key).as_dict(private=False)]})
                elif asked.path == "/authorize":
                    given = {name: values[0] for name, values in parse_qs(asked.query).items()}
                    code = secrets.token_urlsafe(16)
                    provider._asked[code] = given.get("nonce")
                    back = urlencode({"code": code, "state": given["state"]})
                    self.send_response(302)
                    self.send_header("Location", f"{given['redirect_uri']}?{back}")
                    self.end_headers()
                else:
                    self.send_error(404)

            def do_POST(self) -> None:
                body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._json(provider._token(body["code"][0]))

            def _json(self, value: dict[str, Any]) -> None:
                data = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler
