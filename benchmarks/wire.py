"""What goes over the wire between a browser and the dashboard, and when.

Here: a relay on this machine that passes every byte on and writes down when one went over the websocket. Not here: what is asked
for, or what the times mean (served.py).

A browser's own record of its frames is no clock: each is noted on the thread that draws the page, when that comes to it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter

_CHUNK = 65536
_BEAT = 16
"""Bytes of a ping or its answer at most: they prove only that both still live."""


@dataclass
class Wire:
    """The relay, and the instants since it was last cleared.

    Attributes:
        base: its address, for the browser.
        asked: when bytes went to the server over a websocket, seconds of the process's clock.
        answered: when bytes came back.
    """

    base: str
    asked: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)

    def clear(self) -> None:
        """Forget what went over so far."""
        self.asked.clear()
        self.answered.clear()


@contextmanager
def relay(port: int) -> Iterator[Wire]:
    """A relay to that port of this machine, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        wire = Wire(f"http://127.0.0.1:{listening.getsockname()[1]}")
        threading.Thread(target=_accept, args=(listening, port, wire), daemon=True).start()
        yield wire
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, port: int, wire: Wire) -> None:
    with suppress(OSError):  # closed at the end
        while True:
            browser, _ = listening.accept()
            threading.Thread(target=_serve, args=(browser, port, wire), daemon=True).start()


def _serve(browser: socket.socket, port: int, wire: Wire) -> None:
    with suppress(OSError), browser, socket.create_connection(("127.0.0.1", port)) as server:
        for end in (browser, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opening = browser.recv(_CHUNK)
        server.sendall(opening)
        is_socket = b"upgrade: websocket" in opening.lower()
        back = threading.Thread(target=_pass_on, args=(server, browser, wire.answered if is_socket else None), daemon=True)
        back.start()
        _pass_on(browser, server, wire.asked if is_socket else None)
        back.join()


def _pass_on(source: socket.socket, sink: socket.socket, instants: list[float] | None) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            if instants is not None and len(chunk) > _BEAT:
                instants.append(perf_counter())
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
