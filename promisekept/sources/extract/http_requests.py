"""One request to an API and its answer, however often it takes.

Here: time limits, the size of an answer, half answers, what is asked again (429, 500, 502, 503, 504, a broken connection:
reading twice does no harm) and what is not, and how long the server wants one to wait. Not here: which page comes next.
An address is shown without its query, which may hold a credential, and an answer is never quoted.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import httpx

from promisekept.config.readers import Http
from promisekept.errors import LandingError
from promisekept.sources.extract.retry import Backoff, CutOffError

_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_CREDENTIAL = {401, 403, 407}


@dataclass(frozen=True, slots=True)
class ResponsePage:
    """An answer: its JSON, the address of the next page in its header `Link`, and a hash of its bytes."""

    body: Any
    link: str | None
    digest: bytes


class ApiConnection:
    """A connection to one API. The client's own log, which would hold whole addresses, is turned off."""

    def __init__(self, where: str, reader: Http, headers: Mapping[str, str]) -> None:
        self._where, self._reader, self._spent = where, reader, 0.0
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        limits = reader.timeouts
        timeout = httpx.Timeout(limits.read.total_seconds(), connect=limits.connect.total_seconds())
        try:
            self._client = httpx.Client(
                headers={"Accept": "application/json", "User-Agent": "promisekept"} | dict(headers),
                timeout=timeout,
                follow_redirects=False,
            )
        except (UnicodeError, ValueError):
            raise self._unsendable() from None

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def get(self, address: str, params: Mapping[str, str]) -> ResponsePage:
        """One page, asked for until it is whole or there were enough attempts.

        Raises:
            LandingError: there were, the server refuses, or all pages together took too long.
        """
        backoff, whole = Backoff(self._reader.retries), self._reader.timeouts.whole.total_seconds()
        began = time.monotonic()
        while True:
            try:
                page = self._once(address, params)
            except CutOffError as error:
                backoff.wait(error)
                continue
            self._spent += time.monotonic() - began
            if self._spent > whole:
                raise LandingError(
                    f"{self._where}: it was not read within `timeouts.whole` ({whole:g} s).\n"
                    "  What has landed stays, and the next run goes on from there. See what is slow, or allow more time."
                )
            return page

    def _once(self, address: str, params: Mapping[str, str]) -> ResponsePage:
        try:
            with self._client.stream("GET", httpx.URL(address).copy_merge_params(params)) as response:
                if response.status_code != httpx.codes.OK:
                    self._refused(response)
                content = self._content(response)
        except httpx.LocalProtocolError:
            raise self._unsendable() from None
        except httpx.InvalidURL:
            raise LandingError(f"{self._where}.url: it is no address.\n  Correct it.") from None
        except httpx.TimeoutException as error:
            kind = "connect" if isinstance(error, httpx.ConnectTimeout) else "read"
            raise CutOffError(
                f"{self._where}: the server did not answer within `timeouts.{kind}`.\n"
                "  Allow more time, or ask for smaller pages."
            ) from None
        except httpx.HTTPError as error:
            raise CutOffError(
                f"{self._where}: the server can't be reached, or broke off in the middle of a page ({type(error).__name__}).\n"
                "  See whether it can be reached from here; what has landed stays."
            ) from None
        try:
            body = json.loads(content, parse_float=str, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise CutOffError(
                f"{self._where}: a page is no JSON, or half of one.\n"
                "  Look at the address by hand: a proxy may answer in its place."
            ) from None
        link = response.links.get("next", {}).get("url")
        return ResponsePage(body, link, hashlib.sha256(content).digest())

    def _unsendable(self) -> LandingError:
        return LandingError(
            f"{self._where}.headers: a value can't be sent in a header.\n"
            "  See whether the file of a credential holds more than the credential."
        )

    def _content(self, response: httpx.Response) -> bytes:
        """The bytes of a page, as long as they come in time and are not too many."""
        content = bytearray()
        began, limit = time.monotonic(), self._reader.timeouts.read.total_seconds()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._reader.page_bytes:
                raise LandingError(
                    f"{self._where}: a page has more than `page_bytes` ({self._reader.page_bytes:,}).\n"
                    "  Ask for smaller pages, or allow more."
                )
            if time.monotonic() - began > limit:
                raise CutOffError(
                    f"{self._where}: a page took longer than `timeouts.read` ({limit:g} s).\n"
                    "  Ask for smaller pages, or allow more time."
                )
        return bytes(content)

    def _refused(self, response: httpx.Response) -> NoReturn:
        status = response.status_code
        if status in _AGAIN:
            wait = self._asked_to_wait(response)
            longest = self._reader.most_wait.total_seconds()
            if wait is not None and wait > longest:
                raise LandingError(
                    f"{self._where}: the server asks to wait {wait:g} s ({status}), longer than `most_wait` ({longest:g} s).\n"
                    "  Run again later; what has landed stays."
                )
            raise CutOffError(
                f"{self._where}: the server answers {status}, again and again.\n  Try later; what has landed stays.", wait
            )
        if status in _CREDENTIAL:
            names = (
                ", ".join(name for name, value in self._reader.headers.items() if not isinstance(value, str)) or "none is given"
            )
            raise LandingError(
                f"{self._where}: the server refuses the credential ({status}).\n  Renew what `headers` names: {names}."
            )
        if response.is_redirect:
            host = httpx.URL(response.headers["Location"]).host if "Location" in response.headers else ""
            raise LandingError(
                f"{self._where}.url: the server sends elsewhere ({status}{f', {host}' if host else ''}), which is not followed.\n"
                "  Give the address that answers itself."
            )
        raise LandingError(
            f"{self._where}: the server answers {status} to {response.request.url.copy_with(query=None)}.\n"
            "  Correct `url` and `params`."
        )

    def _asked_to_wait(self, response: httpx.Response) -> float | None:
        """Seconds, from `Retry-After`: a number, or a date that is compared with the server's own."""
        header = response.headers.get("Retry-After", "").strip()
        if header.isdigit():
            return float(header)
        try:
            then = parsedate_to_datetime(header)
            apart = then - parsedate_to_datetime(response.headers["Date"])
        except (ValueError, TypeError, KeyError):
            return None
        return max(0.0, float(apart.total_seconds()))


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
