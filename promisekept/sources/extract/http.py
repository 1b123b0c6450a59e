"""Items of a JSON API, page by page.

Here: the order of pages, where a page holds its items, and the cursor of each item. Every item is kept as JSON with its keys
in order and its numbers as they were written. Not here: one request and its answer (http_requests.py), chunks, or when to go on
after a read was given up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urljoin, urlsplit

import pyarrow as pa

from promisekept.config.credentials import read_credential
from promisekept.config.readers import CURSOR, Http
from promisekept.config.secret_references import Secret
from promisekept.config.source import Source
from promisekept.errors import LandingError
from promisekept.sources.extract.chunk_files import LINE
from promisekept.sources.extract.chunks import Piece
from promisekept.sources.extract.cursors import CursorKind, CursorRange
from promisekept.sources.extract.http_requests import ApiConnection, ResponsePage

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def rows(source: Source, reader: Http, cursor_range: CursorRange, most: int | None = None) -> Generator[Piece]:
    """The items from the beginning of a range on; those beyond its end are left out here, because few APIs can.

    Args:
        source: whose.
        reader: its reader.
        cursor_range: the range; without an end up to the last item that there is.
        most: no further page once there are so many.

    Raises:
        ConfigError: a credential can't be had.
        LandingError: the server could not be reached or gave half an answer, too often; it refuses; or a page is not what the
            configuration states.
    """
    where = f"sources.{source.name}.reader"
    headers, params = _filled(where, "headers", reader.headers), _filled(where, "params", reader.params)
    low = _written(reader, cursor_range) if cursor_range.low is not None else None
    query = {name: value.replace(CURSOR, low or "") for name, value in params.items() if low is not None or CURSOR not in value}
    order = _Order(where, reader, cursor_range)
    yielded = 0
    with closing(ApiConnection(where, reader, headers)) as asker:
        for items in _pages(where, reader, asker, query):
            piece = _piece(items, order, dict.fromkeys(reader.columns))
            yielded += len(items)
            if piece is not None:
                yield piece
            if most is not None and yielded >= most:
                return


def _filled(where: str, part: str, values: Mapping[str, str | Secret]) -> dict[str, str]:
    """Headers or parameters, with their credentials."""
    return {
        name: read_credential(f"{where}.{part}.{name}", value.env, value.file) if isinstance(value, Secret) else value
        for name, value in values.items()
    }


def _written(reader: Http, cursor_range: CursorRange) -> str:
    """The beginning of the range in the form that the API wants."""
    low = str(cursor_range.low)
    if reader.cursor_format is None or cursor_range.kind not in ("instant", "time"):
        return low
    read = datetime.fromisoformat(low)
    return (read if read.tzinfo is None else read.astimezone(UTC)).strftime(reader.cursor_format)


def _pages(where: str, reader: Http, asker: ApiConnection, query: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
    """The items of page after page, until the server reports that there is no more."""
    paging, address, number = reader.paging, reader.url, reader.paging.first
    count, last_digest = 0, b""
    while True:
        counted = {str(paging.param): str(number if paging.by == "page" else count)} if paging.by in ("page", "offset") else {}
        page = asker.get(address, query | counted)
        if page.digest == last_digest and paging.by != "none":
            raise LandingError(
                f"{where}.paging: the server gives the same page again.\n  See whether it knows `{paging.param or paging.next}`."
            )
        last_digest = page.digest
        items = _items(where, reader, page)
        yield items
        number, count = number + 1, count + len(items)
        if paging.by == "none" or (paging.until is not None and _found(page.body, paging.until) is True):
            return
        if paging.by in ("page", "offset"):
            if not items:
                return
        elif paging.by == "cursor":
            token = _found(page.body, str(paging.next))
            if token in (None, "", False):
                return
            query = query | {str(paging.param): str(token)}
        else:
            link = page.link if paging.next is None else _found(page.body, paging.next)
            if not link:
                return
            address = _same_server(where, reader, address, str(link))
            named = dict(parse_qsl(urlsplit(address).query))
            secrets = {name for name, value in reader.params.items() if isinstance(value, Secret)}
            query = {name: value for name, value in query.items() if name in secrets and name not in named}


def _same_server(where: str, reader: Http, address: str, link: str) -> str:
    """The next address; on another server it would be handed the credentials."""
    follows = urljoin(address, link)
    if urlsplit(follows)[:2] != urlsplit(reader.url)[:2]:
        raise LandingError(
            f"{where}.paging: the address of the next page is on another server, {urlsplit(follows).hostname}.\n"
            "  It is not asked, because it would be handed the credentials. Correct `url`."
        )
    return follows


def _found(body: Any, path: str) -> Any:
    """What lies at a dotted path; null where nothing does."""
    for name in path.split(".") if path else []:
        if not isinstance(body, dict) or name not in body:
            return None
        body = body[name]
    return body


def _items(where: str, reader: Http, page: ResponsePage) -> list[dict[str, Any]]:
    items = _found(page.body, reader.items)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        at = f"`{reader.items}`" if reader.items else "the page itself"
        raise LandingError(
            f"{where}.items: {at} is no list of objects in what the server gave.\n  Name where the items lie, such as data.items."
        )
    return items


def _piece(items: list[dict[str, Any]], order: _Order, always: dict[str, None]) -> Piece | None:
    lines, cursor = [], []
    for item in items:
        value = order.value(item)
        if not order.wanted(value):
            continue
        lines.append(_line(always | item))
        cursor.append(value or "")
    if not lines:
        return None
    rows = pa.RecordBatch.from_pydict({LINE: pa.array(lines, pa.string())})
    return Piece(rows) if order.column is None else Piece(rows, cursor, order.kind)


def _line(item: Mapping[str, Any]) -> str:
    """An item as one line; half a character, which JSON can hold and no text, stays the escape that it was."""
    line = json.dumps(item, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(item, sort_keys=True, separators=(",", ":"))
    return line


class _Order:
    """The cursor of each item, which never goes back."""

    def __init__(self, where: str, reader: Http, cursor_range: CursorRange) -> None:
        self.column, self.kind = reader.cursor, cursor_range.kind
        self._where, self._span = where, cursor_range
        self._last: Any = None

    def value(self, item: Mapping[str, Any]) -> str | None:
        """The cursor of the next item, as it stands there; null where the source has none."""
        if self.column is None:
            return None
        found = _found(item, self.column)
        if found is None or isinstance(found, bool | dict | list):
            self._wrong("has no value in some items", "Use one that every item has, or leave `cursor` out.")
        text = str(found)
        self.kind = self.kind or _kind(text)
        key = self._key(text)
        if self._last is not None and key < self._last:
            self._wrong(
                "goes back from one item to the next", "Ask the API to sort by it, ascending (`params`), or leave it out."
            )
        self._last = key
        return text

    def wanted(self, value: str | None) -> bool:
        """Whether an item is one of the range; an API may round its beginning, and rarely has an end."""
        cursor_range = self._span
        if value is None:
            return True
        key = self._key(value)
        if cursor_range.low is not None:
            low = self._key(cursor_range.low)
            if key < low or (key == low and not cursor_range.inclusive):
                return False
        return cursor_range.upto is None or bool(key <= self._key(cursor_range.upto))

    def _key(self, text: str) -> Any:
        try:
            if self.kind == "number":
                return Decimal(text)
            if self.kind == "text":
                return text
            read = datetime.fromisoformat(text)
        except (InvalidOperation, ValueError):
            self._wrong(f"has values that are no {self.kind}", "Use a field of one kind only.")
        return read.astimezone(UTC) if read.tzinfo is not None else read.replace(tzinfo=UTC)

    def _wrong(self, message: str, remedy: str) -> NoReturn:
        raise LandingError(f"{self._where}.cursor: `{self.column}` {message}.\n  {remedy}")


def _kind(text: str) -> CursorKind:
    """What the first value of a cursor is."""
    if _NUMBER.fullmatch(text):
        return "number"
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return "text"
    if len(text) <= len("2026-01-01"):
        return "date"
    return "time" if read.tzinfo is None else "instant"
