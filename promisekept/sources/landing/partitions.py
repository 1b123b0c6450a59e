"""Which sources are landed side by side.

Here: dividing sources among partitions, and running these in threads. A file of a month rarely fills more than one core, and only
files of one log are ever compared, so large deliveries of several logs land beside one another. Small ones do not: one after
the other they come to the same batches in the same order each time. Not here: landing a file (batch.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from promisekept.config.source import Source
from promisekept.sources.zone.ledger_sequencer import AbandonedError

WORTH_IT = 64 * 2**20
_MOST = 4
Result = TypeVar("Result")


def partition_sources(sources: Sequence[Source], sizes: Mapping[str, int]) -> list[list[Source]]:
    """The sources of each partition, in their order; those of one log stay together.

    Args:
        sources: to land.
        sizes: bytes that are new, by source.

    Returns:
        One partition where it is not worth more: little is new, or it is of one log.
    """
    logs: dict[str, int] = {}
    for source in sources:
        logs[source.log] = logs.get(source.log, 0) + sizes.get(source.name, 0)
    busy = sum(size > 0 for size in logs.values())
    count = min(busy, os.cpu_count() or 1, _MOST) if sum(logs.values()) >= WORTH_IT else 1
    if count < 2:
        return [list(sources)]
    loads = [0] * count
    partition_of = {}
    for log in sorted(logs, key=lambda log: (-logs[log], log)):
        partition_of[log] = loads.index(min(loads))
        loads[partition_of[log]] += logs[log]
    return [[source for source in sources if partition_of[source.log] == number] for number in range(count)]


def run_in_threads(work: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do everything at once and wait for all of it.

    Raises:
        Exception: what the first piece raised that did not merely wait for another.
    """
    if len(work) == 1:
        return [work[0]()]
    with ThreadPoolExecutor(len(work)) as pool:
        pieces = [pool.submit(one) for one in work]
    failures = [error for piece in pieces if (error := piece.exception())]
    if failures:
        raise min(failures, key=lambda error: isinstance(error, AbandonedError))
    return [piece.result() for piece in pieces]
