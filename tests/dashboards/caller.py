"""A reader without a browser: signs in, speaks Streamlit's WebSocket itself, and may send what no page would.

Here: sessions, their messages, signing in. Not here: what must or must not come back.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyarrow as pa
from provider import Provider
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

XSRF = "_streamlit_xsrf"
USER = "_streamlit_user"
PATIENCE = 120


@dataclass(frozen=True)
class Answer:
    """All that the server sent during one page run."""

    messages: tuple[ForwardMsg, ...]

    @property
    def text(self) -> bytes:
        """Every byte of it; a column's values stand in it as they are."""
        return b"\n".join(message.SerializeToString() for message in self.messages)

    def elements(self, kind: str) -> list[Any]:
        """The elements of one kind, e.g. `button`."""
        made = [message.delta.new_element for message in self.messages if message.WhichOneof("type") == "delta"]
        return [getattr(element, kind) for element in made if element.WhichOneof("type") == kind]

    @property
    def widgets(self) -> list[WidgetState]:
        """Everything that a reader can press, choose or mark, as if they just had: buttons, filters, the first row of a table.

        Not the button that ends the session.
        """
        buttons = [button for kind in ("button", "download_button") for button in self.elements(kind)]
        states = [pressed(button.id) for button in buttons if button.label != "Sign out"]
        states += [chosen(box.id, list(box.options)[:1]) for box in self.elements("multiselect")]
        tables = [table for kind in ("dataframe", "vega_lite_chart") for table in self.elements(kind) if table.id]
        return states + [WidgetState(id=table.id, string_value=first_row(table)) for table in tables]


def first_row(table: Any) -> str:
    """The state of a table or chart whose first row is selected, also by its last cell."""
    columns = pa.ipc.open_stream(table.arrow_data.data).schema.names if table.DESCRIPTOR.name == "Dataframe" else []
    return json.dumps({"selection": {"rows": [0], "columns": [], "cells": [[0, name] for name in columns[-1:]]}})


class Session:
    """One WebSocket of a reader."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._id = ""

    def send(self, message: BackMsg) -> None:
        """Send any message."""
        self._connection.send(message.SerializeToString())

    def until(self, kind: str) -> Answer:
        """Everything up to the next message of a kind; the end of a run that another one replaces does not count."""
        got: list[ForwardMsg] = []
        while True:
            got.append(ForwardMsg.FromString(self._connection.recv(timeout=PATIENCE)))
            last = got[-1]
            self._id = last.new_session.initialize.session_id or self._id
            if last.WhichOneof("type") == kind and last.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return Answer(tuple(got))

    def open(self, page: str = "", query: str = "", widgets: Sequence[WidgetState] = (), page_hash: str = "") -> Answer:
        """Run a page as a browser asks for it, with the widgets in these states."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.page_script_hash = page_hash
        message.rerun_script.query_string = query
        message.rerun_script.widget_states.widgets.extend(widgets)
        self.send(message)
        return self.until("script_finished")

    def rerun(self, fragment: str) -> None:
        """Ask for a part of a page; where there is none, nothing comes back."""
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        self.send(message)

    def file(self, deferred: str) -> str:
        """The address of a file that is made when it is asked for; empty where it is not made."""
        message = BackMsg()
        message.backend_operation_request.request_id = "one"
        message.backend_operation_request.session_id = self._id
        message.backend_operation_request.deferred_file.file_id = deferred
        self.send(message)
        return str(self.until("backend_operation_response").messages[-1].backend_operation_response.deferred_file.url)


@contextmanager
def session(base: str, cookies: dict[str, str], *, origin: str = "", host: str = "") -> Iterator[Session]:
    """A session of whoever has these cookies, as a page of `origin` would open it under `host`."""
    there = urlsplit(base)
    with connect(
        f"ws://{host or there.netloc}/_stcore/stream",
        sock=socket.create_connection((there.hostname, there.port)),
        origin=Origin(origin or base),
        subprotocols=[Subprotocol("streamlit"), Subprotocol(cookies.get(XSRF, "none"))],
        additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
        max_size=None,
        open_timeout=PATIENCE,
        ping_timeout=None,
    ) as connection:
        yield Session(connection)


def pressed(button: str) -> WidgetState:
    """A button, just pressed."""
    return WidgetState(id=button, trigger_value=True)


def chosen(widget: str, values: Iterable[str]) -> WidgetState:
    """A choice of several, with these values."""
    state = WidgetState(id=widget)
    state.string_array_value.data.extend(values)
    return state


def stranger(base: str) -> dict[str, str]:
    """The cookies of somebody who has not signed in."""
    with httpx.Client() as browser:
        browser.get(f"{base}/_stcore/health")
        return dict(browser.cookies)


def signed_in(base: str, provider: Provider, groups: Sequence[str], name: str = "ada@example.org") -> dict[str, str]:
    """The cookies of somebody whom the provider vouches for; without that of the dashboard where it does not let them in."""
    provider.claims, provider.age = {"email": name, "roles": list(groups)}, 0
    with httpx.Client(follow_redirects=True) as browser:
        browser.get(f"{base}/_stcore/health")
        with session(base, dict(browser.cookies)) as door:
            (button,) = door.open().elements("button")
            message = BackMsg()
            message.rerun_script.widget_states.widgets.append(pressed(button.id))
            door.send(message)
            url = door.until("auth_redirect").messages[-1].auth_redirect.url
        browser.get(f"{base}{url}")
        return dict(browser.cookies)
