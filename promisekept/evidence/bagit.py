"""The packing of a bundle: BagIt 1.0 (RFC 8493) with SHA-512.

Here: `bagit.txt`, `bag-info.txt`, both manifests and the fingerprint that stands for everything. Not here: what is packed
(export.py) or whether a bundle is what it states (verifying.py).

`manifest-sha512.txt` names every file below `data/`, `tagmanifest-sha512.txt` every other one but itself and what `release` puts
below `signatures/`. So one hash, that of the tag manifest, is the fingerprint of the whole bundle.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DECLARATION = "bagit.txt"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha512.txt"
TAG_MANIFEST = "tagmanifest-sha512.txt"
SIGNATURES = "signatures"
PAYLOAD = "data"
OMISSIONS = "metadata/omissions.json"
"""What was left out and why: a bundle without it is none."""
NOTHING_BEFORE = "0" * 128
"""The previous fingerprint of a bundle that has no predecessor."""

DECLARED = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def close_bag(folder: Path, info: Mapping[str, str]) -> str:
    """Make a folder with its payload in `data/` a bag.

    Args:
        folder: holds everything but the four files written here.
        info: goes into `bag-info.txt` in this order, the size of the payload after it.

    Returns:
        The fingerprint: the SHA-512 of the tag manifest in hex.
    """
    payload = [path for path in files(folder) if path.startswith(f"{PAYLOAD}/")]
    size = sum((folder / path).stat().st_size for path in payload)
    _write(folder / DECLARATION, DECLARED)
    fields = {**info, "Payload-Oxum": f"{size}.{len(payload)}"}
    _write(folder / INFO, "".join(f"{name}: {_one_line(value)}\n" for name, value in fields.items()))
    _write(folder / MANIFEST, manifest(folder, payload))
    tags = [path for path in files(folder) if not path.startswith((f"{PAYLOAD}/", f"{SIGNATURES}/")) and path != TAG_MANIFEST]
    _write(folder / TAG_MANIFEST, manifest(folder, tags))
    return fingerprint(folder)


def manifest(folder: Path, paths: list[str]) -> str:
    """A manifest of some files, in order of their paths: hash, two blanks, path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes(folder, paths).items()))


def hashes(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """The SHA-512 of some files by their paths below a folder; as many at once as there are processors."""
    found = list(paths)
    with ThreadPoolExecutor(os.cpu_count()) as hashing:
        return dict(zip(found, hashing.map(lambda path: file_sha512(folder / path), found), strict=True))


def fingerprint(folder: Path) -> str:
    """The SHA-512 of the tag manifest, in hex: what is signed, and what readers compare through another channel."""
    return file_sha512(folder / TAG_MANIFEST)


def files(folder: Path) -> list[str]:
    """Every file below a folder, as paths with slashes, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


def file_sha512(path: Path) -> str:
    """The SHA-512 of a file's bytes in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()


def read_info(folder: Path) -> dict[str, str]:
    """The fields of `bag-info.txt`, by label."""
    lines = (folder / INFO).read_text(encoding="utf-8").splitlines()
    return {label: value for label, _, value in (line.partition(": ") for line in lines)}


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
