"""Alerts: each change of a condition is sent once to every channel.

Here: the comparison, and the order of steps. An alert is written to disk before it is sent, and removed after every channel took
it; so a process that dies in between sends it twice, with the same id, rather than never. Not here: the conditions
(conditions.py), or the form of a message (channels.py).

No channel fails a run. An alert that one could not take waits in its queue, and its failure is sent through the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from promisekept.config.alerts import Email, Webhook
from promisekept.config.settings import Settings
from promisekept.monitoring.alert_state import Alert, ChannelQueue, Memory, alone, recall, remember
from promisekept.monitoring.channels import Message, send
from promisekept.monitoring.conditions import KINDS, Condition, conditions

WAITING = 100  # alerts that wait for one channel; the oldest make room
Send = Callable[[Webhook | Email, Message], str]


def send_alerts(settings: Settings, at: datetime, tick: datetime | None = None, sending: Send = send) -> tuple[Alert, ...]:
    """Evaluate all conditions and notify every channel of those that got worse or have ended.

    Args:
        settings: whose home and channels.
        at: the instant of evaluation.
        tick: see `conditions`.
        sending: sends to one channel; returns the kind of error, or nothing.

    Returns:
        The changes since the last evaluation, whether there is a channel or not.
    """
    with alone(settings.home):
        memory = recall(settings.home, at)
        found = evaluate(settings, memory, at, tick)
        new = _changes(found, memory, at)
        _update_states(found, memory, settings)
        for channel in settings.alerts.channels:
            queue = memory.queues.setdefault(channel.name, ChannelQueue())
            queue.pending += new
            queue.dropped += max(len(queue.pending) - WAITING, 0)
            queue.pending = queue.pending[-WAITING:]
        remember(settings.home, memory)
        _deliver(settings, memory, at, sending)
        remember(settings.home, memory)
    return tuple(new)


def evaluate(settings: Settings, memory: Memory, at: datetime, tick: datetime | None = None) -> list[Condition]:
    """All conditions at an instant, those of the channels too; a tick before the first evaluation makes nothing late."""
    due = tick if tick is not None and tick >= memory.since else None
    return [*conditions(settings, at, due), *_channels(settings, memory)]


def _channels(settings: Settings, memory: Memory) -> list[Condition]:
    found = []
    for channel in settings.alerts.channels:
        queue = memory.queues.get(channel.name, ChannelQueue())
        state, message = "working", f"The channel `{channel.name}` works."
        if queue.failing_since:
            state = "failing"
            message = f"The channel `{channel.name}` has not been reached since {queue.failing_since} ({queue.error})."
        found.append(Condition("channel", channel.name, state, state == "failing", message))
    return found


def _changes(found: Sequence[Condition], memory: Memory, at: datetime) -> list[Alert]:
    """Conditions that became bad, and bad ones that ended, in the order of KINDS."""
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


def _update_states(found: Sequence[Condition], memory: Memory, settings: Settings) -> None:
    """Keep the states of now, and the last ones of what can't be evaluated just now; forget what is there no more."""
    kinds = {"channel"} | {condition.kind for condition in found}
    if "held_back" in kinds:  # the ledger could be read
        kinds.add("freshness")
    other_states = {key: state for key, state in memory.states.items() if key.partition(":")[0] not in kinds}
    memory.states = other_states | {condition.key: (condition.state, condition.is_bad) for condition in found}
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
                memory.queues[channel.name] = ChannelQueue()
