"""Which program computes: its own version with a hash of the models, and the list of everything that it was installed with."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import promisekept
from orchestration import dbt_runner
from promisekept.durable import file_sha256
from promisekept.sources.contract import code_lists

LOCK = dbt_runner.PROJECT.parent / "uv.lock"


def code_version() -> str:
    """What computes the marts: a hash over the models, seeds, macros and the contract's lists, beside the program's version.

    A run asks a dozen times: the files are read again once one of them was written.
    """
    return _code_version(json.dumps(code_lists()), dbt_runner.PROJECT, dbt_runner.project_files())


@lru_cache(maxsize=1)
def _code_version(lists: str, project: Path, files: tuple[tuple[str, int, int], ...]) -> str:
    return f"{promisekept.__version__}+{_sha256(lists, project, (Path(file) for file, *_ in files))[:12]}"


def program_sha256() -> str:
    """All that a publication is made by: every file of the rooms that have a part in it, and the packages installed beside.

    A process runs what it has read, so the files are read once.
    """
    return _program_sha256(code_version(), LOCK.parent)


@cache
def _program_sha256(code: str, root: Path) -> str:
    installed = {found.name for entry in sys.path for found in Path(entry).glob("*.dist-info")}
    files = (file for room in ("promisekept", "orchestration", "expectations") for file in (root / room).rglob("*"))
    read = (file for file in files if file.is_file() and "__pycache__" not in file.parts)
    return _sha256(json.dumps([code, sys.version, sorted(installed)]), root, read)


def lock_sha256() -> str | None:
    """SHA-256 of the list of exact versions, where the program came with one."""
    return file_sha256(LOCK) if LOCK.is_file() else None


def _sha256(stated: str, root: Path, files: Iterable[Path]) -> str:
    """The hash of a text and of files with their paths, whatever their order."""
    digest = hashlib.sha256(stated.encode())
    for file in sorted(files):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
