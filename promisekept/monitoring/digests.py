"""Sending the digest to whoever subscribed to it: once per person and period, and again only where sending failed.

Here: who is due, which snapshots are compared, and what is remembered. Not here: the content of a digest (digest.py), a channel
(channels.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from promisekept.config.settings import Settings
from promisekept.monitoring.channels import PAUSES, send
from promisekept.monitoring.digest import Digest, DigestPeriod, build_digest, covers, last_window
from promisekept.monitoring.subscriptions import Every, changing, read, write
from promisekept.publishing.reader import SnapshotReader, open_current, open_snapshot, read_manifest


@dataclass(frozen=True, slots=True)
class SentDigest:
    """What became of one person's digest; `error` is a kind and empty where the channel took it."""

    person: str
    window: str
    subject: str
    error: str


def digest_of(settings: Settings, every: Every, at: datetime) -> Digest:
    """The digest of the last week or month, as it would be sent now.

    Raises:
        PublishingError: nothing has been published yet.
    """
    window = _window(settings, every, at)
    with _snapshots(settings.home, window) as (reader, base):
        return build_digest(reader, base, window, settings.alerts.link, _utc(at))


def send_digests(settings: Settings, at: datetime, pauses: tuple[float, ...] = PAUSES) -> tuple[SentDigest, ...]:
    """Send each subscriber the digest of the last week or month, where they have not had it and the snapshot reaches its end.

    What a channel took is written down at once: a process that dies afterwards sends nobody the same period twice. One that dies
    between the two leaves a message whose id shows that its repetition is one.

    Args:
        settings: whose.
        at: now.
        pauses: seconds before a channel is tried again.
    """
    if not read(settings.home):
        return ()
    channels = {channel.name: channel for channel in settings.alerts.channels}
    done: list[SentDigest] = []
    with changing(settings.home) as found:
        for number, one in enumerate(found):
            window = _window(settings, one.every, at)
            channel = channels.get(one.channel)
            if one.sent >= window.code:
                continue
            if channel is None:
                done.append(SentDigest(one.person, window.code, "", f"no channel {one.channel}"))
                continue
            with _snapshots(settings.home, window) as (reader, base):
                if not covers(reader, window):
                    continue
                digest = build_digest(reader, base, window, settings.alerts.link, _utc(at))
            error = send(channel, replace(digest, to=(one.address,) if one.address else ()), pauses)
            if not error:
                found[number] = replace(one, sent=window.code)
                write(settings.home, found)
            done.append(SentDigest(one.person, window.code, digest.subject, error))
    return tuple(done)


def first_window(settings: Settings, every: Every, at: datetime) -> str:
    """The code of the period that is over already: whoever subscribes now gets the next one first."""
    return _window(settings, every, at).code


def _window(settings: Settings, every: Every, at: datetime) -> DigestPeriod:
    return last_window(every, at.astimezone(ZoneInfo(settings.organisation.time_zone)).date())


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


@contextmanager
def _snapshots(home: Path, window: DigestPeriod) -> Iterator[tuple[SnapshotReader, SnapshotReader | None]]:
    """The current snapshot, and the newest kept one that is as of the window's start or earlier."""
    with ExitStack() as opened:
        reader = opened.enter_context(open_current(home))
        start = datetime.combine(window.start, datetime.min.time(), ZoneInfo(reader.manifest["time_zone"]))
        for folder in sorted((home / "snapshots").glob("[0-9]*-*"), reverse=True):
            manifest = read_manifest(home, folder.name)
            if folder.name != reader.id and manifest and datetime.fromisoformat(manifest["as_of"]) <= start:
                yield reader, opened.enter_context(open_snapshot(home, folder.name))
                return
        yield reader, None
