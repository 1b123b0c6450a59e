"""Whether a bundle is what it states, trusting nothing in it.

Here: our verifier. `verify.sh` checks the same with coreutils, find and openssl; tests hold both against the same tampering. Not
here: making bundles (export.py), signing them (release.py) or what a signature must be (signing/signatures.py).
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import (
    DECLARATION,
    DECLARED,
    INFO,
    MANIFEST,
    OMISSIONS,
    PAYLOAD,
    SIGNATURES,
    TAG_MANIFEST,
    files,
    fingerprint,
    hashes,
)
from promisekept.evidence.proof import log_problems
from promisekept.evidence.signing.signatures import Release, Trust, check_signatures
from promisekept.evidence.unpacking import PLAIN_NAME, unpack

_LINE = re.compile(r"(?P<hash>[0-9a-f]{128})  (?P<path>[A-Za-z0-9._/-]+)")


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it.

    Attributes:
        problems: everything that is wrong; empty = the bundle is what it states.
        is_draft: whether nobody has signed it.
        releases: the releases that hold under the certificates that the reader named.
        fingerprint: the SHA-512 of the tag manifest; empty where the bundle is not whole.
    """

    problems: tuple[str, ...]
    is_draft: bool
    releases: tuple[Release, ...]
    fingerprint: str

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(
    bundle: Path, *, expected: str | None = None, trust: Trust | None = None, previous: Path | None = None
) -> Verification:
    """Check a bundle, a folder or a ZIP.

    Args:
        bundle: where it lies.
        expected: the fingerprint as it came through another channel.
        trust: the certificates under which signatures and times must stand; asked for wherever a bundle is signed.
        previous: the bundle before this one.

    Raises:
        EvidenceError: there is no such bundle, or it is a ZIP that must not be unpacked.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = opened(bundle, Path(temporary) / "bundle")
        problems = list(wholeness(folder))
        if problems:  # who vouched for what is not whole any more is of no interest, and what lies there may be anything
            return Verification(tuple(problems), False, (), "")
        found = fingerprint(folder)
        if expected is not None and expected.lower() != found:
            problems.append(f"its fingerprint is {found}, not the one that you gave")
        before = opened(previous, Path(temporary) / "previous") if previous else None
        unreadable = list(_unreadable(before)) if before else []
        if unreadable:
            return Verification((*problems, *(f"the bundle before: {problem}" for problem in unreadable)), False, (), found)
        if before is not None and _stated(folder, "Previous-Tagmanifest-SHA512") != [fingerprint(before)]:
            problems.append("it does not follow that bundle: it states another previous fingerprint")
        snapshot, content = (", ".join(_stated(folder, label)) for label in ("Snapshot-Id", "Snapshot-Content-SHA256"))
        problems += log_problems(folder, snapshot, content, before)
        releases, wrong = check_signatures(folder, trust)
        return Verification(tuple(problems + wrong), not (folder / SIGNATURES).exists(), tuple(releases), found)


def opened(bundle: Path, into: Path) -> Path:
    """The folder of a bundle; a ZIP is unpacked below `into`.

    Raises:
        EvidenceError: there is no such bundle, or it is a ZIP that must not be unpacked.
    """
    if bundle.is_dir():
        return bundle
    if not bundle.is_file():
        raise EvidenceError(f"{bundle}: there is no such bundle.\n  Name its folder or its ZIP.")
    into.mkdir()
    return unpack(bundle, into)


def wholeness(folder: Path) -> Iterator[str]:
    """What is missing, changed, there besides or misnamed; signatures aside.

    Links and names first, so that nothing is read which lies elsewhere.
    """
    unreadable = list(_unreadable(folder))
    yield from unreadable
    if unreadable:
        return
    if (folder / DECLARATION).read_bytes() != DECLARED.encode():
        yield f"{DECLARATION} is not that of BagIt 1.0"
    if b"\0" in (folder / INFO).read_bytes():
        yield f"{INFO} is no text"
    there = [path for path in files(folder) if not path.startswith(f"{SIGNATURES}/") and path != TAG_MANIFEST]
    payload = [path for path in there if path.startswith(f"{PAYLOAD}/")]
    yield from _compared(folder, MANIFEST, payload)
    yield from _compared(folder, TAG_MANIFEST, [path for path in there if not path.startswith(f"{PAYLOAD}/")])
    size = sum((folder / path).stat().st_size for path in payload)
    if _stated(folder, "Payload-Oxum") != [f"{size}.{len(payload)}"]:
        yield f"{INFO}: Payload-Oxum states {_stated(folder, 'Payload-Oxum')}, there are {size}.{len(payload)} (bytes.files)"


def _unreadable(folder: Path) -> Iterator[str]:
    """Why nothing of a folder is read."""
    yield from _oddities(folder)
    for name in (DECLARATION, INFO, MANIFEST, TAG_MANIFEST, OMISSIONS):
        if not (folder / name).is_file():
            yield f"{name} is missing"


def _oddities(folder: Path) -> Iterator[str]:
    seen: set[str] = set()
    for path in sorted(folder.rglob("*")):
        folded = path.relative_to(folder).as_posix().casefold()
        if folded in seen:
            yield f"{path.relative_to(folder).as_posix()!r} differs from another name by its case alone"
        seen.add(folded)
        kind = stat.S_IFMT(os.lstat(path).st_mode)
        inside = path.relative_to(folder).as_posix()
        if kind not in (stat.S_IFREG, stat.S_IFDIR):
            yield f"{inside} is a link or a special file"
        elif not PLAIN_NAME.fullmatch(path.name):
            yield f"{inside!r} has a name with unusual characters"
        elif kind == stat.S_IFDIR and not any(path.iterdir()):
            yield f"{inside} is an empty folder"


def _compared(folder: Path, manifest: str, there: list[str]) -> Iterator[str]:
    """Every file against its line, every line against its file."""
    stated: dict[str, str] = {}
    for number, line in enumerate((folder / manifest).read_bytes().decode("utf-8", "replace").split("\n")[:-1], start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            yield f"{manifest}, line {number}: this is no hash and path"
        elif match["path"] in stated:
            yield f"{manifest}, line {number}: {match['path']} stands there twice"
        else:
            stated[match["path"]] = match["hash"]
    if list(stated) != sorted(stated):
        yield f"{manifest} is not in the order of its paths"
    if not (folder / manifest).read_bytes().endswith(b"\n"):
        yield f"{manifest}: its last line was cut off"
    found = hashes(folder, [path for path in there if path in stated])
    for path in there:
        if path not in stated:
            yield f"{path} stands in no manifest"
        elif found[path] != stated[path]:
            yield f"{path} was changed: it has not the hash that {manifest} states"
    for path in sorted(stated.keys() - set(there)):
        yield f"{path} is missing"


def _stated(folder: Path, label: str) -> list[str]:
    lines = (folder / INFO).read_bytes().decode("utf-8", "replace").split("\n") if (folder / INFO).is_file() else []
    return [line.removeprefix(f"{label}: ") for line in lines if line.startswith(f"{label}: ")]
