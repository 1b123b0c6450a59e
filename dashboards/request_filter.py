"""Which requests reach the app at all, before Streamlit sees them.

Here: host names, origins, Streamlit's own addresses, and files to take away. Not here: what a page shows to whom (access.py).

- A request is answered under the names of `server.allowedHosts` alone, files and pages as well as sessions.
- A page gets a session from its own server alone: Streamlit would take any page that this machine serves, whatever its port.
- Of Streamlit's own addresses the browser needs four. The others describe the server (`metrics`), take files, or start sessions
  without a browser, and ask nobody who they are. Files are taken where one person on this machine reads a project, to add a
  source, and from a page of this server alone.
- `/media/` holds the files that somebody is taking away: whoever asks for one must have a role that may.

The health check is answered to everybody: a health check may use none of its names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit import config
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import AUTH_COOKIE_NAME, get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from dashboards import access, bundling

HEALTH = "/_stcore/health"
OF_STREAMLIT = "/_stcore/"
NEEDED = (HEALTH, "/_stcore/host-config", "/_stcore/stream", "/_stcore/bidi-components/")
UPLOADS = "/_stcore/upload_file/"
FILES = "/media/"


class Guard:
    """ASGI middleware that answers a rejected request by itself and passes everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reject, or pass on."""
        status = refusal(HTTPConnection(scope)) if scope["type"] in {"http", "websocket"} else None
        if status is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await PlainTextResponse("Not found." if status == 404 else "Refused.", status)(scope, receive, send)


def refusal(request: HTTPConnection) -> int | None:
    """The status of a rejected request; None where it may pass."""
    path, host = request.scope["path"], ",".join(request.headers.getlist("host"))
    if path == HEALTH:
        return None
    if not _is_ours(host):
        return 403
    origin = request.headers.get("origin")
    if request.scope["type"] == "websocket" and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return 403
    is_upload = path.startswith(UPLOADS) and _may_upload(origin, host)
    if path.startswith(OF_STREAMLIT) and not path.startswith(NEEDED) and not is_upload:
        return 404
    if path.startswith(FILES) and not _may_take(request.cookies):
        return 403
    return None


def _is_ours(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name in config.get_option("server.allowedHosts")


def _may_upload(origin: str | None, host: str) -> bool:
    """Whether the page that adds a source is there (app.py), and the request comes from a page of this server."""
    is_local = access.configured().sign_in is None and bundling.project() is not None
    return is_local and origin is not None and urlsplit(origin).netloc.lower() == host.lower()


def _may_take(cookies: Mapping[str, str]) -> bool:
    """Whether whoever sends these cookies may take files away; on this machine alone there is nobody else."""
    sign_in = access.configured().sign_in
    reader = access.LOCAL if sign_in is None else access.signed_in(_claims(cookies), sign_in)
    return reader is not None and reader.may("export")


def _claims(cookies: Mapping[str, str]) -> dict[str, object]:
    """The claims in the signed cookie of st.login; nothing where its signature is not ours."""
    secret = get_cookie_secret()
    signed = get_cookie_with_chunks(
        lambda name: decode_signed_value(secret, name, cookies[name].encode("latin-1")) if name in cookies else None,
        AUTH_COOKIE_NAME,
    )
    return json.loads(signed) if signed else {}
