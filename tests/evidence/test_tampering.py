"""Whatever is done to a bundle after it was made, our verifier and the script both see it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from evidence.shell import verify_sh

from promisekept.evidence.bagit import NOTHING_BEFORE, close_bag, files, fingerprint
from promisekept.evidence.verifying import verify

Tampering = Callable[[Path], object]


def a_bundle(folder: Path, *, before: str = NOTHING_BEFORE, rows: str = "1") -> Path:
    """A small bundle with a file of each kind."""
    for name in ("data/tables", "data/events", "metadata/sql"):
        (folder / name).mkdir(parents=True)
    (folder / "data/tables/fct_requests.csv").write_text(f"request_key,rows\na,{rows}\n")
    (folder / "data/tables/fct_requests.parquet").write_bytes(b"PAR1\0\0PAR1")
    (folder / "data/events/requests.csv").write_text("event_id\ne1\ne2\n")
    (folder / "data/datapackage.json").write_text("{}\n")
    (folder / "metadata/omissions.json").write_text('{"tables": []}\n')
    (folder / "metadata/sql/fct_requests.sql").write_text("select 1\n")
    close_bag(folder, {"External-Identifier": "0001-abcdef.2026-Q3.auditor", "Previous-Tagmanifest-SHA512": before})
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return a_bundle(tmp_path / "bundle")


def both_reject(bundle: Path, **given: str | Path) -> None:
    names = {"told": "fingerprint", "trust": "trust", "previous": "previous"}
    assert not verify(bundle, **given).is_sound
    said = verify_sh(bundle, **{names[name]: value for name, value in given.items()})
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
        "metadata/sql/fct_requests.sql",
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


def test_any_single_bit_is_seen(bundle):
    chance = Random(7)
    there = [bundle / path for path in files(bundle)]
    for _ in range(60):
        path = chance.choice(there)
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        whole = path.read_bytes()
        path.write_bytes(bytes(content))
        both_reject(bundle, told=fingerprint_of_untouched(bundle, path, whole))
        path.write_bytes(whole)
    assert verify(bundle).is_sound


def fingerprint_of_untouched(bundle: Path, path: Path, whole: bytes) -> str:
    """What the reader was told before anything was touched."""
    touched = path.read_bytes()
    path.write_bytes(whole)
    told = fingerprint(bundle)
    path.write_bytes(touched)
    return told


def test_rows_removed_with_all_manifests_made_anew_are_seen_by_the_fingerprint(bundle):
    told = fingerprint(bundle)
    (bundle / "data/events/requests.csv").write_text("event_id\ne1\n")
    close_bag(bundle, {"External-Identifier": "0001-abcdef.2026-Q3.auditor", "Previous-Tagmanifest-SHA512": NOTHING_BEFORE})
    assert verify(bundle).is_sound, "a draft can be made anew by anybody: hence the fingerprint"
    both_reject(bundle, told=told)


def test_a_bundle_follows_the_one_before_or_it_does_not(bundle, tmp_path):
    follower = a_bundle(tmp_path / "follower", before=fingerprint(bundle))
    assert verify(follower, previous=bundle).is_sound
    assert verify_sh(follower, previous=bundle).returncode == 0
    stranger = a_bundle(tmp_path / "stranger", rows="2")
    both_reject(follower, previous=stranger)
    both_reject(bundle, previous=stranger)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ours", "other"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
             "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
    return folder


def sign(bundle: Path, certificates: Path, name: str) -> None:
    (bundle / "signatures").mkdir(exist_ok=True)
    subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha512", "-in", bundle / "tagmanifest-sha512.txt",
         "-signer", certificates / f"{name}.pem", "-inkey", certificates / f"{name}.key",
         "-out", bundle / "signatures" / "release.p7s"],
        check=True, capture_output=True,
    )  # fmt: skip


def test_a_signature_is_asked_for_by_whom(bundle, certificates):
    both_reject(bundle, trust=certificates / "ours.pem")
    sign(bundle, certificates, "ours")
    both_reject(bundle)
    assert verify(bundle, trust=certificates / "ours.pem").signatures == 1
    assert verify(bundle, trust=certificates / "ours.pem").is_sound
    said = verify_sh(bundle, trust=certificates / "ours.pem")
    assert said.returncode == 0
    assert "draft" not in said.stdout
    both_reject(bundle, trust=certificates / "other.pem")


def test_manifests_made_anew_under_an_old_signature_are_seen(bundle, certificates):
    sign(bundle, certificates, "ours")
    (bundle / "data/events/requests.csv").write_text("event_id\ne1\n")
    close_bag(bundle, {"External-Identifier": "0001-abcdef.2026-Q3.auditor", "Previous-Tagmanifest-SHA512": NOTHING_BEFORE})
    both_reject(bundle, trust=certificates / "ours.pem")


def test_a_bundle_signed_anew_by_somebody_else_is_seen(bundle, certificates):
    (bundle / "data/events/requests.csv").write_text("event_id\ne1\n")
    close_bag(bundle, {"External-Identifier": "0001-abcdef.2026-Q3.auditor", "Previous-Tagmanifest-SHA512": NOTHING_BEFORE})
    sign(bundle, certificates, "other")
    both_reject(bundle, trust=certificates / "ours.pem")
