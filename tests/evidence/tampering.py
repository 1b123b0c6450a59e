"""What is done to a bundle after it was made, each way by its name, and that both verifiers see it.

Here: a small bundle, the ways, and asking both. Not here: bundles of the product.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from evidence.shell import verify_sh
from ledger_proofs import a_ledger, reseal

from promisekept.evidence.bagit import MANIFEST, NOTHING_BEFORE, TAG_MANIFEST, files, fingerprint, manifest
from promisekept.evidence.proof import CONSISTENCY_FILE, FILE, consistency_proof, log_proof
from promisekept.evidence.release import release
from promisekept.evidence.signing.signatures import Trust
from promisekept.evidence.signing.signing_keys import signing_key
from promisekept.evidence.signing.statement import Approvals
from promisekept.evidence.signing.timestamps import TimeAuthority
from promisekept.evidence.verifying import verify

Tampering = Callable[[Path], object]


def both_reject(bundle: Path, *, expected: str | None = None, trust: Trust | None = None, previous: Path | None = None) -> None:
    assert not verify(bundle, expected=expected, trust=trust, previous=previous).is_sound
    given = {"fingerprint": expected, "trust": trust and trust.signer, "time": trust and trust.time, "previous": previous}
    result = verify_sh(bundle, **{name: value for name, value in given.items() if value})
    assert result.returncode == 1, result.stdout + result.stderr
    assert "REJECTED" in result.stdout


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def swap(one: Path, other: Path) -> None:
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def turned(path: Path) -> None:
    """The same lines, the last one first."""
    path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))


def turned_and_sealed(bundle: Path) -> None:
    """The payload's manifest turned, and the tag manifest made anew, as anybody can of a draft."""
    turned(bundle / MANIFEST)
    tags = [path for path in files(bundle) if not path.startswith(("data/", "signatures/")) and path != TAG_MANIFEST]
    (bundle / TAG_MANIFEST).write_text(manifest(bundle, tags))


def same_bytes_by_a_link(bundle: Path) -> None:
    file, elsewhere = bundle / "data/events/requests.csv", bundle.parent / "same.csv"
    shutil.copy(file, elsewhere)
    file.unlink()
    file.symlink_to(elsewhere)


OF_A_FILE: dict[str, Tampering] = {
    "changed": flip,
    "missing": Path.unlink,
    "renamed": lambda path: path.rename(path.with_name("other.csv")),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-1]),
}
OF_A_BUNDLE: dict[str, Tampering] = {
    "extra in data": lambda bundle: (bundle / "data/more.csv").write_text("a\n"),
    "extra in metadata": lambda bundle: (bundle / "metadata/more.json").write_text("{}"),
    "extra at the top": lambda bundle: (bundle / "README").write_text("trust me"),
    "hidden": lambda bundle: (bundle / "data/.more").write_text(""),
    "empty folder": lambda bundle: (bundle / "data/empty").mkdir(),
    "name with a line feed": lambda bundle: (bundle / "data/a\nb").write_text(""),
    "name with a backslash": lambda bundle: (bundle / "data/a\\b").write_text(""),
    "name of another case": lambda bundle: shutil.copy(bundle / "bagit.txt", bundle / "BAGIT.txt"),
    "link to a file": lambda bundle: (bundle / "data/link.csv").symlink_to("/etc/passwd"),
    "link to a folder": lambda bundle: (bundle / "data/folder").symlink_to("/etc"),
    "link to the same bytes": same_bytes_by_a_link,
    "pipe": lambda bundle: os.mkfifo(bundle / "data/pipe"),
    "swapped": lambda bundle: swap(bundle / "data/events/requests.csv", bundle / "data/tables/fct_requests.csv"),
    "line added to a manifest": lambda bundle: edit(bundle / MANIFEST, "", "0" * 128 + "  data/none.csv\n"),
    "line twice": lambda bundle: (bundle / MANIFEST).write_text((bundle / MANIFEST).read_text() * 2),
    "line of another place": lambda bundle: edit(bundle / MANIFEST, "  data/", "  data/../data/"),
    "sizes": lambda bundle: edit(bundle / "bag-info.txt", "Payload-Oxum: ", "Payload-Oxum: 1"),
    "upper case in the tag manifest": lambda bundle: (bundle / TAG_MANIFEST).write_text(
        (bundle / TAG_MANIFEST).read_text().replace("a", "A", 1)
    ),
    "blanks at the end of a line": lambda bundle: edit(bundle / TAG_MANIFEST, "\n", " \n"),
    "line ends of another system": lambda bundle: (bundle / TAG_MANIFEST).write_bytes(
        (bundle / TAG_MANIFEST).read_bytes().replace(b"\n", b"\r\n")
    ),
    "zero byte in the tag manifest": lambda bundle: (bundle / TAG_MANIFEST).write_bytes(
        (bundle / TAG_MANIFEST).read_bytes().replace(b"  ", b"\0  ", 1)
    ),
    "byte order mark": lambda bundle: (bundle / TAG_MANIFEST).write_bytes(b"\xef\xbb\xbf" + (bundle / TAG_MANIFEST).read_bytes()),
    "tag manifest in another order": lambda bundle: turned(bundle / TAG_MANIFEST),
    "manifest in another order, sealed anew": turned_and_sealed,
}
"""Ways that need no more of a bundle than that it has events and requests; a draft has to be rejected after each, too."""


def a_bundle(folder: Path, *, line: int = 1, before: Path | None = None, rows: str = "1") -> Path:
    """A small bundle with a file of each kind, of the snapshot at a line of the ledger beside it."""
    home = folder.parent / "home"
    a_ledger(home, 2)
    for name in ("data/tables", "data/events", "metadata/sql"):
        (folder / name).mkdir(parents=True)
    (folder / "data/tables/fct_requests.csv").write_text(f"request_key,rows\na,{rows}\n")
    (folder / "data/tables/fct_requests.parquet").write_bytes(b"PAR1\0\0PAR1")
    (folder / "data/events/requests.csv").write_text("event_id\ne1\ne2\n")
    (folder / "data/datapackage.json").write_text("{}\n")
    (folder / "metadata/omissions.json").write_text('{"tables": []}\n')
    (folder / "metadata/sql/fct_requests.sql").write_text("select 1\n")
    (folder / FILE).write_text(log_proof(home, line))
    if before:
        (folder / CONSISTENCY_FILE).write_text(consistency_proof(home, 1, line))
    reseal(folder, line, fingerprint(before) if before else NOTHING_BEFORE)
    return folder


def sign(bundle: Path, keys: Path) -> Trust:
    """Release it, and name what a reader would have to trust for that."""
    authority = keys / "time-authority.pem"
    release(bundle, Approvals("Ann", "Bo"), signing_key(str(keys / "signing.pem")), TimeAuthority(authority, key_file=authority))
    return Trust(keys / "signing.crt", keys / "time-authority.crt")
