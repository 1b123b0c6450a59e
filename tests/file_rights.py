"""The rights of files, also where root runs the tests, who is asked for none.

Here: giving up what lets root read and write any file, for a while. Not here: what is tested without it.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

VERSION_3 = 0x20080522  # linux/capability.h; two sets of 32 bits follow it
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextmanager
def enforced() -> Iterator[None]:
    """Have this thread, and those that it starts meanwhile, held to the rights of files as anybody else is."""
    before = enforce()
    try:
        yield
    finally:
        if before is not None:
            _exchange(lambda effective: before)


def enforce() -> int | None:
    """Have this thread held to them from now on; its capabilities before, None where it had none to give up."""
    if os.geteuid() != 0:
        return None
    return _exchange(lambda effective: effective & ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH))


def _exchange(change: Callable[[int], int]) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "capset"):
        pytest.skip("root reads every file here: capset(2) is Linux's")
    header, sets = _Header(VERSION_3, 0), (_Sets * 2)()
    assert libc.capget(ctypes.byref(header), sets) == 0
    before = sets[0].effective
    sets[0].effective = change(before)
    assert libc.capset(ctypes.byref(header), sets) == 0
    return before
