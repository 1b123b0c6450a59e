"""What changed since somebody was told, told once.

Here: the comparison, and the order of steps: what is to be told is on the disk before anybody is told, and is taken off after
they were; so a process that dies in between tells twice, with the same id, rather than never. Not here: what there is to be seen
(conditions.py), or how a channel speaks (channels.py).

No channel fails a run. What one could not tell waits in its queue, and that it can't is told through the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from promisekept.config.alerts import Email, Webhook
from promisekept.config.settings import Settings
from promisekept.monitoring.alert_state import Alert, Memory, Queue, alone, recall, remember
from promisekept.monitoring.channels import Message, send
from promisekept.monitoring.conditions import KINDS, Condition, conditions

WAITING = 100  # alerts that wait for one channel; the oldest make room
Send = Callable[[Webhook | Email, Message], str]


def tell(settings: Settings, at: datetime, tick: datetime | None = None, sending: Send = send) -> tuple[Alert, ...]:
    """Look at everything, and tell every channel what changed for the worse or is over.

    Args:
        settings: whose home and channels.
        at: the instant at which one looks.
        tick: see `conditions`.
        sending: tells one channel; returns the kind of error, or nothing.

    Returns:
        What is new since somebody looked last, whether there is a channel or not.
    """
    with alone(settings.home):
        memory = recall(settings.home, at)
        found = seen(settings, memory, at, tick)
        new = _changes(found, memory, at)
        _keep_in_mind(found, memory, settings)
        for channel in settings.alerts.channels:
            queue = memory.queues.setdefault(channel.name, Queue())
            queue.pending += new
            queue.dropped += max(len(queue.pending) - WAITING, 0)
            queue.pending = queue.pending[-WAITING:]
        remember(settings.home, memory)
        _deliver(settings, memory, at, sending)
        remember(settings.home, memory)
    return tuple(new)


def seen(settings: Settings, memory: Memory, at: datetime, tick: datetime | None = None) -> list[Condition]:
    """Everything that can be said at an instant, of the channels, too; a tick before somebody looked first makes nothing late."""
    due = tick if tick is not None and tick >= memory.since else None
    return [*conditions(settings, at, due), *_channels(settings, memory)]


def _channels(settings: Settings, memory: Memory) -> list[Condition]:
    found = []
    for channel in settings.alerts.channels:
        queue = memory.queues.get(channel.name, Queue())
        state, says = "working", f"The channel `{channel.name}` works."
        if queue.failing_since:
            state = "failing"
            says = f"The channel `{channel.name}` has not been reached since {queue.failing_since} ({queue.error})."
        found.append(Condition("channel", channel.name, state, state == "failing", says))
    return found


def _changes(found: Sequence[Condition], memory: Memory, at: datetime) -> list[Alert]:
    """What came to be bad, and what was bad and is over, in the order of KINDS."""
    new = []
    for condition in sorted(found, key=lambda one: (KINDS.index(one.kind), one.subject)):
        was, was_bad = memory.states.get(condition.key, ("", False))
        if condition.state == was or not (condition.is_bad or was_bad):
            continue
        new.append(_alert(condition, was, at))
    return new


def _alert(condition: Condition, was: str, at: datetime) -> Alert:
    when = at.astimezone(UTC).isoformat(timespec="seconds")
    name = hashlib.sha256(f"{condition.key}|{was}|{condition.state}|{when}".encode()).hexdigest()[:16]
    return Alert(
        name, condition.kind, condition.subject, condition.state, was, when, is_bad=condition.is_bad, says=condition.says
    )


def _keep_in_mind(found: Sequence[Condition], memory: Memory, settings: Settings) -> None:
    """What is seen now, and of what can't be seen just now what was seen last; a thing that is there no more is forgotten."""
    kinds = {"channel"} | {condition.kind for condition in found}
    if "held_back" in kinds:  # the ledger could be read
        kinds.add("freshness")
    kept = {key: state for key, state in memory.states.items() if key.partition(":")[0] not in kinds}
    memory.states = kept | {condition.key: (condition.state, condition.is_bad) for condition in found}
    names = {channel.name for channel in settings.alerts.channels}
    memory.queues = {name: queue for name, queue in memory.queues.items() if name in names}


def _deliver(settings: Settings, memory: Memory, at: datetime, sending: Send) -> None:
    waiting = [channel for channel in settings.alerts.channels if memory.queues[channel.name].pending]
    if not waiting:
        return
    when = at.astimezone(UTC).isoformat(timespec="seconds")

    def one(channel: Webhook | Email) -> str:
        queue = memory.queues[channel.name]
        return sending(
            channel, Message(settings.organisation.name, tuple(queue.pending), queue.dropped, settings.alerts.link, when)
        )

    with ThreadPoolExecutor(len(waiting)) as senders:
        for channel, error in zip(waiting, senders.map(one, waiting), strict=True):
            queue = memory.queues[channel.name]
            if error:
                queue.failing_since, queue.error = queue.failing_since or when, error
            else:
                memory.queues[channel.name] = Queue()
