"""How the rows of a source are read: the part `sources[].reader` of promisekept.yml.

Here: files and the object store in which they may lie, a PostgreSQL database, any other database through SQLAlchemy, and
a JSON API; with their limits and where their credentials lie. Not here: reading (promisekept/sources). A credential is
named, by an environment variable or a file, and never stands in the configuration itself; nothing here looks at what is named.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from promisekept.config.durations import Interval, duration
from promisekept.config.relative_paths import JoinedPath, PathPattern
from promisekept.config.secret_references import EnvironmentVariable, Secret, one_place
from promisekept.frozen import Frozen

_SECRET_NAME = re.compile(
    r"authori[sz]ation|^auth$|cookie|token|secret|passw|signature|^key$|(api|access|private|secret|x)[-_]?(.*[-_])?key$",
    re.IGNORECASE,
)
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def _encoding(value: str) -> str:
    try:
        "".encode(value)
    except LookupError:  # of text only: `hex` and the like are none
        message = f"`{value}` is no encoding of text; use a name such as utf-8, cp1252 or utf-16"
        raise ValueError(message) from None
    return value


Encoding = Annotated[str, AfterValidator(_encoding)]
S3 = ("s3://", "s3a://")
"""How the path of an object in an S3-compatible store begins."""
CURSOR = "{cursor}"
"""Stands for the cursor in a parameter of an API."""
PLACE = "%(cursor)s"
"""Stands for the last value of the cursor in a query to PostgreSQL; for a query that would be slow without it."""


def _overlap(value: object) -> int | timedelta:
    if not isinstance(value, int) or isinstance(value, bool):
        return duration(value)
    if value < 0:
        message = f"`{value}` is less than nothing; an overlap reads back"
        raise ValueError(message)
    return value


Overlap = Annotated[int | timedelta, BeforeValidator(_overlap)]


class Timeouts(Frozen):
    """How long to wait for a connection, for the next rows, and for all of one read together."""

    connect: Interval = timedelta(seconds=10)
    read: Interval = timedelta(minutes=5)
    whole: Interval = timedelta(hours=6)


class ObjectStore(Frozen):
    """An S3-compatible store; without credentials here, those that AWS's own tools would find in this place.

    Attributes:
        endpoint_url: where it answers; None = AWS.
        region: of the bucket.
        key_env: the variable that holds the access key's id.
        secret_env: the variable that holds the secret key.
        token_env: the variable that holds a session token, for keys that have one.
        credentials_file: a file as AWS's own tools write it, readable by its owner alone.
        profile: the section of that file.
        anonymous: whether the bucket is read without credentials.
        timeouts: how long to wait for a connection, for the next bytes, and for one whole object.
        retries: how often a listing or an object is tried again, with a longer wait before each.
    """

    endpoint_url: Annotated[str, Field(pattern=r"^https?://[^\s/@]+/?$")] | None = None
    region: str | None = None
    key_env: EnvironmentVariable | None = None
    secret_env: EnvironmentVariable | None = None
    token_env: EnvironmentVariable | None = None
    credentials_file: JoinedPath | None = None
    profile: str = "default"
    anonymous: bool = False
    timeouts: Timeouts = Timeouts(read=timedelta(minutes=1), whole=timedelta(hours=1))
    retries: Annotated[int, Field(ge=0, le=20)] = 4

    @model_validator(mode="after")
    def _credentials_come_fromone_place(self) -> ObjectStore:
        if (self.key_env is None) != (self.secret_env is None):
            message = "`key_env` and `secret_env` go together; name both, or `credentials_file`"
            raise ValueError(message)
        named = [self.anonymous, self.key_env is not None, self.credentials_file is not None]
        if sum(named) > 1:
            message = "credentials come from one place: `key_env` and `secret_env`, `credentials_file`, or `anonymous`"
            raise ValueError(message)
        return self


LONGEST_LINE = 4 * 2**20
_WITHOUT_HEADER = ("jsonl", "ndjson", "parquet")
_TEXT = ("csv", "tsv", "txt", *_WITHOUT_HEADER)
GZIP_RATIO = 200
_ESCAPED = re.compile(r"\[([*?\[])\]")
_LITERAL = re.compile(rf"({_ESCAPED.pattern}|[^*?\[])*")


class Files(Frozen):
    """Files matched by a path, in one of five formats.

    Attributes:
        sheet: of a workbook; needed where more than one has cells.
        header_row: the row of a sheet, or the line of a CSV file, that holds the names of its columns, from 1; what stands above
            is not read. Default: the first that is not empty.
        longest_line: the most characters that a line of text may have, and a row that its quotes carry over several lines.
            Each is held in memory whole, and no record of a log is so long.
        gzip_ratio: how many times its size a gzip or a workbook may unpack to. Logs come to 5 to 50; what was made to fill a
            disk, to 1,000.
    """

    kind: Literal["files"] = "files"
    path: PathPattern
    format: Literal["csv", "jsonl", "parquet", "xlsx", "ods"] | None = None
    encoding: Encoding = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    ignore_columns: tuple[str, ...] = ()
    longest_line: Annotated[int, Field(ge=2**20)] = LONGEST_LINE
    gzip_ratio: Annotated[int, Field(ge=1)] = GZIP_RATIO
    done_suffix: str | None = None
    store: ObjectStore | None = None

    @property
    def folder(self) -> Path:
        """The folder that `path` names: what stands before its first wildcard."""
        literal = _LITERAL.match(self.path)
        return Path(_unescaped((literal[0] if literal else "").rpartition("/")[0]) or "/")

    @property
    def where(self) -> str:
        """`path` for people, in which no character is escaped."""
        return _unescaped(self.path)

    @model_validator(mode="after")
    def _lies_where_files_are_read(self) -> Files:
        scheme, joint, _ = self.path.partition("://")
        if joint and scheme.lower() in ("http", "https"):
            message = f"`path` begins with {scheme}://; files are read from folders and from s3://, an API by `kind: http`"
            raise ValueError(message)
        if joint and not self.path.startswith(S3):
            message = (
                f"`path` begins with {scheme}://, from which nothing is read; use s3:// with `store.endpoint_url`, if the store"
                " speaks S3 as well, or let its own tools copy the files into a folder"
            )
            raise ValueError(message)
        kind = self.format or self.path.removesuffix(".gz").rpartition(".")[2]
        if self.sheet and kind in _TEXT:
            message = "`sheet` is for workbooks (.xlsx, .ods); remove it, or correct `path`"
            raise ValueError(message)
        if self.header_row and kind in _WITHOUT_HEADER:
            message = "`header_row` is for workbooks (.xlsx, .ods) and CSV files; remove it, or correct `path`"
            raise ValueError(message)
        if self.store is not None and not joint:
            message = "`store` is for paths that begin with s3://; remove it, or correct `path`"
            raise ValueError(message)
        return self

    @property
    def shape(self) -> dict[str, Any]:
        """Those keys that change what becomes of a row."""
        shape = self.model_dump(mode="json", include={"encoding", "delimiter", "format", "ignore_columns"})
        later = {"longest_line", "gzip_ratio", "sheet", "header_row"}
        return shape | self.model_dump(mode="json", include=later, exclude_defaults=True)


class _QueriedReader(Frozen):
    """What is asked for rows, chunk by chunk.

    Attributes:
        cursor: the column by which rows are new: it never goes back, and has a value in every row. Without one all rows
            are read each time, and land together.
        overlap: how far before the last row that was read the next read begins; for rows that become visible late. A number
            where the cursor is one.
        chunk_rows: how many rows are taken at once; rows of one cursor value stay together.
        retries: how often a read that was cut off is taken up again before anything more has landed.
    """

    encoding: ClassVar[str] = "utf-8"
    delimiter: ClassVar[str] = ","
    longest_line: ClassVar[int] = LONGEST_LINE
    gzip_ratio: ClassVar[int] = GZIP_RATIO
    cursor: str | None = None
    overlap: Overlap = timedelta(0)
    chunk_rows: Annotated[int, Field(ge=1, le=1_000_000)] = 50_000
    ignore_columns: tuple[str, ...] = ()
    retries: Annotated[int, Field(ge=0, le=20)] = 4
    timeouts: Timeouts = Timeouts()

    @model_validator(mode="after")
    def _overlap_needs_a_cursor(self) -> _QueriedReader:
        if self.overlap and self.cursor is None:
            message = "`overlap` reads back from a cursor; name one in `cursor`, or leave `overlap` out"
            raise ValueError(message)
        return self

    @property
    def shape(self) -> dict[str, Any]:
        """Those keys that change what becomes of a row."""
        return self.model_dump(mode="json", include={"kind", "query", "url", "items", "columns", "ignore_columns"})


class Postgres(_QueriedReader):
    """A query to a PostgreSQL database; `dsn` is a connection string of libpq."""

    kind: Literal["postgres"]
    dsn_env: EnvironmentVariable | None = None
    dsn_file: JoinedPath | None = None
    query: str

    @model_validator(mode="after")
    def _one_dsn(self) -> Postgres:
        if PLACE in self.query and self.cursor is None:
            message = f"the query holds `{PLACE}`; name the column whose last value it stands for in `cursor`"
            raise ValueError(message)
        return one_place(self, "dsn_env", "dsn_file")

    @property
    def address(self) -> Secret:
        """Where the connection string lies."""
        return Secret(env=self.dsn_env, file=self.dsn_file)


class Sql(_QueriedReader):
    """A query to any database for which a driver of SQLAlchemy is installed; `url` is one of SQLAlchemy."""

    kind: Literal["sql"]
    url_env: EnvironmentVariable | None = None
    url_file: JoinedPath | None = None
    query: str

    @model_validator(mode="after")
    def _one_url(self) -> Sql:
        return one_place(self, "url_env", "url_file")

    @property
    def address(self) -> Secret:
        """Where the URL lies."""
        return Secret(env=self.url_env, file=self.url_file)


class Paging(Frozen):
    """How one page of an API leads to the next.

    Attributes:
        by: `link`: the body names the next address (`next`), or the header `Link` does; `cursor`: the body holds what the
            parameter is set to for the next page (`next`); `page`, `offset`: the parameter is counted up; `none`: one page.
        param: the parameter that is set.
        next: where the body holds the next address or cursor, as a dotted path.
        first: the number of the first page.
        until: a dotted path; where it is true, that page was the last. Without it a page without items is.
    """

    by: Literal["none", "link", "cursor", "page", "offset"] = "none"
    param: str | None = None
    next: str | None = None
    first: Annotated[int, Field(ge=0)] = 1
    until: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Paging:
        if self.by in ("cursor", "page", "offset") and self.param is None:
            message = f"paging by `{self.by}` needs `param`, the parameter that it sets"
            raise ValueError(message)
        if self.by == "cursor" and self.next is None:
            message = "paging by `cursor` needs `next`, where the body holds the next cursor"
            raise ValueError(message)
        return self


class Http(_QueriedReader):
    """A JSON API that gives its items page by page.

    Attributes:
        url: of the first page, without credentials.
        headers: sent with each request; what authorises is a `Secret`.
        params: of the query; `{cursor}` in one stands for the cursor, and leaves the parameter out where there is none yet.
        items: where a page holds its items, as a dotted path; empty = the page is the list.
        columns: keys that are columns also where no item has them, so that a mapping can name them.
        cursor_format: strftime, where the API wants instants in a form of its own.
        paging: how to come to the next page.
        page_bytes: the most that one page may have.
        most_wait: the longest that a server may ask to wait (`Retry-After`).
    """

    kind: Literal["http"]
    url: str
    headers: dict[str, str | Secret] = Field(default_factory=dict)
    params: dict[str, str | Secret] = Field(default_factory=dict)
    items: str = ""
    columns: tuple[str, ...] = ()
    cursor_format: str | None = None
    paging: Paging = Paging()
    page_bytes: Annotated[int, Field(ge=1024)] = 64 * 2**20
    most_wait: Interval = timedelta(minutes=5)
    timeouts: Timeouts = Timeouts(read=timedelta(minutes=1))

    @model_validator(mode="after")
    def _nothing_secret_in_the_open(self) -> Http:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            message = "`url` is no address of the web; it begins with https://"
            raise ValueError(message)
        if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
            message = "`url` begins with http://, which anybody on the way can read; use https://"
            raise ValueError(message)
        if parts.username or parts.password:
            message = "`url` holds a user name or a password; give them in `headers`, from `env` or `file`"
            raise ValueError(message)
        for name, value in (*self.headers.items(), *self.params.items(), *parse_qsl(parts.query)):
            if isinstance(value, str) and _SECRET_NAME.search(name) and value != CURSOR:
                message = f"`{name}` looks like a credential; name where it lies: {{env: NAME}} or {{file: PATH}}"
                raise ValueError(message)
        return self


QueriedReader = Postgres | Sql | Http


def _files_by_default(given: object) -> object:
    return {"kind": "files", **given} if isinstance(given, dict) else given


Reader = Annotated[Files | QueriedReader, Field(discriminator="kind"), BeforeValidator(_files_by_default)]
KINDS: dict[str, type[BaseModel]] = {"files": Files, "postgres": Postgres, "sql": Sql, "http": Http}
MODELS: tuple[type[BaseModel], ...] = (*KINDS.values(), ObjectStore, Secret, Timeouts, Paging)


def _unescaped(pattern: str) -> str:
    return _ESCAPED.sub(r"\1", pattern)
