"""Object stores through fsspec: connecting, listing, and fetching one object whole into a file of our own.

Here: S3-compatible stores with the settings of `reader.store`; time-outs, new tries with longer waits, and errors that name
source, step and remedy, never a credential. Not here: which objects are new (landing/land.py) or what is in them
(file_readers.py).

An object is read once, by one request, and is the same before and after: what is hashed is what lands.
"""

from __future__ import annotations

import configparser
import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import fsspec
from fsspec.callbacks import Callback

from promisekept.config.credentials import read_credential
from promisekept.config.readers import S3, Files, ObjectStore
from promisekept.config.source import Source
from promisekept.errors import ConfigError, LandingError
from promisekept.sources.extract.retry import Backoff, CutOffError
from promisekept.sources.extract.temporary_files import FOLDER, new_temporary_file

Result = TypeVar("Result")
Info = dict[str, Any]
_BRIEFLY = timedelta(seconds=10)
# What another try gives again; fsspec raises the last one where a store has no such request.
_HOPELESS = (FileNotFoundError, PermissionError, ImportError, ValueError, TypeError, NotImplementedError)
_HOPELESS_NUMBERS = (errno.EINVAL, errno.EPERM, errno.ENAMETOOLONG, errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_WITHOUT_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound")


class _ChangedError(Exception):
    """An object became another one while it was read."""


class _TooSlowError(Exception):
    """An object took longer than `timeouts.whole`."""


def listed(source: Source, pattern: str) -> tuple[Any, list[Info]]:
    """The filesystem of a source's store, and the properties of each object that matches a pattern.

    Raises:
        LandingError: the store can't be reached, refuses us, or has no such bucket.
    """
    filesystem = connect(source)

    def ask() -> list[Info]:
        filesystem.invalidate_cache()
        inner = filesystem._strip_protocol(pattern)
        found = [info for info in filesystem.glob(inner, detail=True).values() if info["type"] == "file"]
        if not found:
            # A bucket that is not there looks like one that is empty.
            filesystem.call_s3("list_objects_v2", Bucket=inner.split("/", 1)[0], MaxKeys=1)
        return found

    return filesystem, _tried(source, ask, f"{pattern} can't be listed")


def version(info: Info) -> str | None:
    """What a store calls this state of an object; null where it has no word for it."""
    state = info.get("ETag") or info.get("etag") or info.get("generation")
    return None if state is None else str(state).strip('"')


def modified(info: Info) -> float:
    """When an object was written, as its store states it, in seconds."""
    modified_at = info.get("mtime") or info.get("LastModified") or info.get("updated") or info.get("last_modified")
    modified_at = modified_at or info.get("created") or 0
    return modified_at.timestamp() if isinstance(modified_at, datetime) else float(modified_at)


@contextmanager
def fetched(source: Source, filesystem: Any, path: str, landing: Path) -> Iterator[tuple[Path, Info]]:
    """A copy of an object for as long as it is read, with what the store states of it.

    Args:
        source: whose object.
        filesystem: as `listed` returned it.
        path: of the object, with its protocol.
        landing: the folder home/landing.

    Raises:
        LandingError: it can't be read whole, within the time and tries that `reader.store` gives.
    """
    copy = new_temporary_file(landing / FOLDER)
    limit = _store(source).timeouts.whole.total_seconds()

    def get() -> Info:
        before = _info(filesystem, path)
        filesystem.get_file(filesystem._strip_protocol(path), str(copy.path), callback=_Deadline(limit))
        after = _info(filesystem, path)
        state = (after["size"], version(after), modified(after))
        if state != (before["size"], version(before), modified(before)) or copy.path.stat().st_size != after["size"]:
            raise _ChangedError
        return after

    try:
        yield copy.path, _tried(source, get, f"{path} can't be read")
    finally:
        copy.close()


def impatient(source: Source) -> Source:
    """The source for a look that nobody may wait for: asked once, for a few seconds."""
    if not (isinstance(source.reader, Files) and source.reader.path.startswith(S3)):
        return source
    store = _store(source)
    brief = {name: min(getattr(store.timeouts, name), _BRIEFLY) for name in ("connect", "read", "whole")}
    hasty = store.model_copy(update={"retries": 0, "timeouts": store.timeouts.model_copy(update=brief)})
    return source.model_copy(update={"reader": source.reader.model_copy(update={"store": hasty})})


def connect(source: Source) -> Any:
    """The filesystem that a source's path names.

    Raises:
        ConfigError: its credentials are not where the settings name them.
    """
    filesystem = fsspec.filesystem("s3", **_options(source, _store(source)))
    filesystem.retries = 1  # tries are counted in one place: below
    return filesystem


def _store(source: Source) -> ObjectStore:
    """The settings of the store; those of AWS where none are configured."""
    reader = source.reader
    return (reader.store if isinstance(reader, Files) else None) or ObjectStore()


def _options(source: Source, store: ObjectStore) -> dict[str, Any]:
    key, secret, token = _credentials(source, store)
    config = {
        "connect_timeout": store.timeouts.connect.total_seconds(),
        "read_timeout": store.timeouts.read.total_seconds(),
        "retries": {"total_max_attempts": 1},
    }
    return {
        "anon": store.anonymous,
        "key": key,
        "secret": secret,
        "token": token,
        "endpoint_url": store.endpoint_url,
        "client_kwargs": {"region_name": store.region} if store.region else {},
        "config_kwargs": config,
        # One request per object: parts that are fetched beside each other may be of two versions.
        "max_concurrency": 1,
        "use_listings_cache": False,
    }


def _credentials(source: Source, store: ObjectStore) -> tuple[str | None, str | None, str | None]:
    """Key, secret and session token, from the places that the settings name.

    Raises:
        ConfigError: a variable is not set, or the file may be read by others or holds none.
    """
    if store.credentials_file is not None:
        return _from_file(source, store.credentials_file, store.profile)
    key, secret, token = (
        read_credential(f"sources.{source.name}.reader.store.{name}", variable, None)
        if (variable := getattr(store, name))
        else None
        for name in ("key_env", "secret_env", "token_env")
    )
    return key, secret, token


def _from_file(source: Source, file: Path, profile: str) -> tuple[str, str, str | None]:
    where = f"sources.{source.name}.reader.store.credentials_file"
    text = read_credential(where, None, file)
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
        section = parser[profile]
        return section["aws_access_key_id"], section["aws_secret_access_key"], section.get("aws_session_token")
    except (configparser.Error, KeyError):
        raise ConfigError(
            f"{where}: {file} holds no key under [{profile}].\n"
            f"  It should hold:  [{profile}]\n  aws_access_key_id = ...\n  aws_secret_access_key = ..."
        ) from None


class _Deadline(Callback):  # type: ignore[misc]  # fsspec has no types
    """Ends a transfer that goes on for too long, however steadily."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._until = time.monotonic() + seconds

    def relative_update(self, inc: int = 1) -> None:
        if time.monotonic() > self._until:
            raise _TooSlowError
        super().relative_update(inc)


def _info(filesystem: Any, path: str) -> Info:
    filesystem.invalidate_cache()
    info: Info = filesystem.info(filesystem._strip_protocol(path))
    return info


def _tried(source: Source, act: Callable[[], Result], message: str) -> Result:
    """What an act returns, tried again after longer and longer waits where another try may help.

    Raises:
        LandingError: it never succeeded.
    """
    backoff = Backoff(_store(source).retries)
    for attempt in count(1):
        try:
            return act()
        except Exception as error:
            state = _describe(source, error, message, attempt)
            if _is_hopeless(error):
                raise LandingError(state) from None
            backoff.wait(CutOffError(state))
    raise AssertionError


def _is_hopeless(error: BaseException) -> bool:
    if isinstance(error, _HOPELESS) or type(error).__name__ in _WITHOUT_CREDENTIALS:
        return True
    return isinstance(error, _TooSlowError) or (isinstance(error, OSError) and error.errno in _HOPELESS_NUMBERS)


def _code(error: BaseException) -> str:
    """What a store calls an error. Its text is never shown: it may hold an address or a key."""
    for state in (error, error.__cause__):
        response = getattr(state, "response", None)
        if isinstance(response, dict) and response.get("Error", {}).get("Code"):
            return str(response["Error"]["Code"])
    return type(error).__name__.lstrip("_").removesuffix("Error") if isinstance(error, _ChangedError) else type(error).__name__


def _describe(source: Source, error: BaseException, message: str, attempts: int) -> str:
    """What went wrong, and what to do about it."""
    store = _store(source)
    where = f"sources.{source.name}.reader"
    code = _code(error)
    tried = f", tried {attempts} times" if attempts > 1 else ""
    if isinstance(error, PermissionError):
        why = f"the store refuses these credentials ({code})"
        remedy = "Check what reader.store names, and that it may list and read this path; whoever may not is refused, too."
    elif type(error).__name__ in _WITHOUT_CREDENTIALS:
        why = f"there are no credentials ({code})"
        remedy = "Name them in reader.store: key_env and secret_env, credentials_file, or anonymous."
    elif isinstance(error, FileNotFoundError):
        why = f"there is no such bucket or object ({code})"
        remedy = "Correct reader.path, or create it."
    elif isinstance(error, _ChangedError):
        why = f"it was written again while it was read{tried}"
        remedy = "Write objects once, under a name of their own, or run when nobody writes."
    elif isinstance(error, _TooSlowError):
        why = "it took longer than reader.store.timeouts.whole"
        remedy = "Give it more time, or deliver smaller objects."
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        why = f"a copy can't be written below home ({code})"
        remedy = "Free space or fix the permissions and run again."
    else:
        endpoint = store.endpoint_url or source.where.split("://", 1)[0]
        why = f"{endpoint} does not answer as a store does ({code}{tried})"
        remedy = "Check reader.store.endpoint_url and region, and whether the store is up; run again later, nothing is lost."
    return f"{where}.path: {message}: {why}.\n  {remedy}"
