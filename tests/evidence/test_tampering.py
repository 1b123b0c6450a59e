"""Whatever is done to a bundle after it was made, our verifier and the script both see it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from evidence.shell import verify_sh
from ledger_proofs import a_ledger, reseal

from promisekept.evidence.bagit import NOTHING_BEFORE, files, fingerprint
from promisekept.evidence.proof import CONSISTENCY_FILE, FILE, consistency_proof, log_proof
from promisekept.evidence.release import release
from promisekept.evidence.signatures import Trust
from promisekept.evidence.signing_keys import create_signing_keys, signing_key
from promisekept.evidence.statement import Approvals
from promisekept.evidence.timestamps import TimeAuthority
from promisekept.evidence.verifying import verify

Tampering = Callable[[Path], object]


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


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return a_bundle(tmp_path / "bundle")


def both_reject(bundle: Path, *, told: str | None = None, trust: Trust | None = None, previous: Path | None = None) -> None:
    assert not verify(bundle, told=told, trust=trust, previous=previous).is_sound
    given = {"fingerprint": told, "trust": trust and trust.signer, "time": trust and trust.time, "previous": previous}
    said = verify_sh(bundle, **{name: value for name, value in given.items() if value})
    assert said.returncode == 1, said.stdout + said.stderr
    assert "REJECTED" in said.stdout


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


def test_an_untouched_bundle_passes_both(bundle):
    assert verify(bundle, told=fingerprint(bundle)).is_sound
    assert verify_sh(bundle, fingerprint=fingerprint(bundle)).returncode == 0


@pytest.mark.parametrize(
    "path",
    [
        "bagit.txt", "bag-info.txt", "manifest-sha512.txt", "tagmanifest-sha512.txt", "data/tables/fct_requests.csv",
        "data/tables/fct_requests.parquet", "data/events/requests.csv", "data/datapackage.json", "metadata/omissions.json",
        "metadata/sql/fct_requests.sql", "metadata/log-proof.txt",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "tampering", [flip, Path.unlink, lambda path: path.rename(path.with_name("other.csv"))], ids=["changed", "missing", "renamed"]
)
def test_a_file_that_was_changed_removed_or_renamed_is_seen(bundle, path, tampering: Tampering):
    tampering(bundle / path)
    both_reject(bundle)


EXTRA: dict[str, Tampering] = {
    "extra in data": lambda bundle: (bundle / "data/more.csv").write_text("a\n"),
    "extra in metadata": lambda bundle: (bundle / "metadata/more.json").write_text("{}"),
    "extra at the top": lambda bundle: (bundle / "README").write_text("trust me"),
    "hidden": lambda bundle: (bundle / "data/.more").write_text(""),
    "empty folder": lambda bundle: (bundle / "data/empty").mkdir(),
    "name with a line feed": lambda bundle: (bundle / "data/a\nb").write_text(""),
    "name with a backslash": lambda bundle: (bundle / "data/a\\b").write_text(""),
    "link to a file": lambda bundle: (bundle / "data/link.csv").symlink_to("/etc/passwd"),
    "link to a folder": lambda bundle: (bundle / "data/folder").symlink_to("/etc"),
    "pipe": lambda bundle: os.mkfifo(bundle / "data/pipe"),
    "swapped": lambda bundle: swap(bundle / "data/events/requests.csv", bundle / "data/tables/fct_requests.csv"),
    "line added to a manifest": lambda bundle: edit(bundle / "manifest-sha512.txt", "", "0" * 128 + "  data/none.csv\n"),
    "line twice": lambda bundle: (bundle / "manifest-sha512.txt").write_text((bundle / "manifest-sha512.txt").read_text() * 2),
    "line of another place": lambda bundle: edit(bundle / "manifest-sha512.txt", "  data/", "  data/../data/"),
    "sizes": lambda bundle: edit(bundle / "bag-info.txt", "Payload-Oxum: ", "Payload-Oxum: 1"),
    "cut off": lambda bundle: (bundle / "tagmanifest-sha512.txt").write_bytes(
        (bundle / "tagmanifest-sha512.txt").read_bytes()[:-1]
    ),
}


@pytest.mark.parametrize("kind", EXTRA)
def test_what_was_added_moved_or_rewritten_is_seen(bundle, kind):
    EXTRA[kind](bundle)
    both_reject(bundle)


def test_a_file_replaced_by_a_link_to_the_same_bytes_is_seen(bundle, tmp_path):
    file = bundle / "data/events/requests.csv"
    shutil.copy(file, tmp_path / "same.csv")
    file.unlink()
    file.symlink_to(tmp_path / "same.csv")
    both_reject(bundle)


def test_rows_removed_with_all_manifests_made_anew_are_seen_by_the_fingerprint(bundle):
    told = fingerprint(bundle)
    (bundle / "data/events/requests.csv").write_text("event_id\ne1\n")
    reseal(bundle, 1)
    assert verify(bundle).is_sound, "a draft can be made anew by anybody: hence the fingerprint"
    both_reject(bundle, told=told)


def test_a_bundle_follows_the_one_before_or_it_does_not(bundle, tmp_path):
    follower = a_bundle(tmp_path / "follower", line=2, before=bundle)
    assert verify(follower, previous=bundle).is_sound
    assert verify_sh(follower, previous=bundle).returncode == 0
    stranger = a_bundle(tmp_path / "stranger", rows="2")
    both_reject(follower, previous=stranger)
    both_reject(bundle, previous=stranger)


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "others"):
        create_signing_keys(folder / name, "Example Ltd")
    return folder


def sign(bundle: Path, keys: Path) -> Trust:
    """Release it, and name what a reader would have to trust for that."""
    authority = keys / "time-authority.pem"
    release(bundle, Approvals("Ann", "Bo"), signing_key(str(keys / "signing.pem")), TimeAuthority(authority, key_file=authority))
    return Trust(keys / "signing.crt", keys / "time-authority.crt")


def test_manifests_made_anew_under_an_old_signature_are_seen(bundle, keys):
    trust = sign(bundle, keys / "ours")
    assert verify(bundle, trust=trust).is_sound
    (bundle / "data/events/requests.csv").write_text("event_id\ne1\n")
    reseal(bundle, 1)
    both_reject(bundle, trust=trust)


def test_a_bundle_signed_anew_by_somebody_else_of_the_same_name_is_seen(bundle, keys):
    trust = sign(bundle, keys / "ours")
    shutil.rmtree(bundle / "signatures")
    (bundle / "data/events/requests.csv").write_text("event_id\ne1\n")
    reseal(bundle, 1)
    sign(bundle, keys / "others")
    both_reject(bundle, trust=trust)


@pytest.mark.slow
def test_any_single_bit_is_seen(bundle, keys):
    """Of the bundle and of its release; a reader who was told nothing but the certificates sees it."""
    trust = sign(bundle, keys / "ours")
    chance = Random(7)
    there = [bundle / path for path in files(bundle)]
    for _ in range(500):
        path = chance.choice(there)
        whole = path.read_bytes()
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(content))
        both_reject(bundle, trust=trust)
        path.write_bytes(whole)
    assert verify(bundle, trust=trust).is_sound
