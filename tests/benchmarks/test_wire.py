"""The relay that times the dashboard: it changes no byte, and writes down the traffic of websockets alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from websockets.http11 import Request, Response
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from benchmarks.wire import Wire, relay


def answer_pings(connection: ServerConnection) -> None:
    """Send back whatever comes."""
    for message in connection:
        connection.send(message)


def page(connection: ServerConnection, asked: Request) -> Response | None:
    """Everything but the stream is a page."""
    return None if asked.path == "/stream" else connection.respond(200, "a page")


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serve(answer_pings, "127.0.0.1", 0, process_request=page) as far:
        threading.Thread(target=far.serve_forever, daemon=True).start()
        with relay(far.socket.getsockname()[1]) as between:
            yield between
        far.shutdown()


def test_every_byte_goes_over_and_its_instant_is_known(wire: Wire) -> None:
    message = bytes(range(256)) * 4096
    with connect(wire.base.replace("http", "ws") + "/stream", max_size=None) as link:
        link.send(message)
        assert link.recv(timeout=30) == message
        assert wire.asked
        assert wire.asked[0] <= wire.answered[-1]
        wire.clear()
        link.ping().wait(timeout=30)  # proves only that both still live
        assert (wire.asked, wire.answered) == ([], [])
        link.send("a filter that was chosen")
        assert link.recv(timeout=30) == "a filter that was chosen"
        assert (len(wire.asked), len(wire.answered)) == (1, 1)


def test_what_is_fetched_beside_the_websocket_is_no_answer(wire: Wire) -> None:
    with urlopen(f"{wire.base}/font.woff2", timeout=30) as fetched:
        assert fetched.read() == b"a page"
    assert (wire.asked, wire.answered) == ([], [])
