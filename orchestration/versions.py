"""Which program computes: its own version with a hash of the models, and the list of everything that it was installed with."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import promisekept
from orchestration.dbt_runner import PROJECT
from promisekept.durable import file_sha256
from promisekept.sources.contract import code_lists

LOCK = PROJECT.parent / "uv.lock"


def code_version() -> str:
    """What computes the marts: a hash over the models, seeds, macros and the contract's lists, beside the program's version."""
    digest = hashlib.sha256(json.dumps(code_lists()).encode())
    for file in sorted(PROJECT.rglob("*")):
        if file.suffix in {".sql", ".yml", ".csv"} and "target" not in file.parts:
            digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes())
    return f"{promisekept.__version__}+{digest.hexdigest()[:12]}"


def program_sha256() -> str:
    """All that a publication is made by: every file of the rooms that have a part in it, and the packages installed beside."""
    installed = {found.name for entry in sys.path for found in Path(entry).glob("*.dist-info")}
    digest = hashlib.sha256(json.dumps([code_version(), sys.version, sorted(installed)]).encode())
    for room in ("promisekept", "orchestration", "expectations"):
        for file in sorted((PROJECT.parent / room).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(PROJECT.parent)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def lock_sha256() -> str | None:
    """SHA-256 of the list of exact versions, where the program came with one."""
    return file_sha256(LOCK) if LOCK.is_file() else None
