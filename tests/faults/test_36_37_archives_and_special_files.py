"""Fault 36: bundle archive with bytes before, between, after its entries, a second archive appended, a comment, data
descriptors that disagree, names that differ by case or Unicode form: rejected by both verifiers.

Fault 37: time-stamp response whose status text imitates a token; manifests that name devices, FIFOs, directories, links:
rejected by both verifiers in bounded time (the time-stamp response in `tests/evidence/test_release.py`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from ledger_proofs import a_draft

import promisekept.evidence
from promisekept.errors import EvidenceError
from promisekept.evidence.verifying import verify
from promisekept.evidence.zipping import zip_bundle

SCRIPT = Path(promisekept.evidence.__file__).with_name("verify.sh")
SECONDS = 60


@pytest.fixture(scope="module")
def draft(tmp_path_factory):
    return a_draft(tmp_path_factory.mktemp("draft"))


@pytest.fixture
def bundle(draft, tmp_path):
    return shutil.copytree(draft, tmp_path / draft.name)


def by_script(*arguments) -> int:
    return subprocess.run(["sh", SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=SECONDS).returncode


def is_sound(bundle: Path) -> bool:
    try:
        return verify(bundle).is_sound
    except EvidenceError:
        return False


def before(archive, folder):
    archive.write_bytes(b"#!/bin/sh\n" + archive.read_bytes())


def after(archive, folder):
    archive.write_bytes(archive.read_bytes() + b"\0")


def between(archive, folder):
    """Bytes behind the last entry, with the directory moved by as many."""
    content = archive.read_bytes()
    directory = content.index(b"PK\x01\x02")
    moved = int.from_bytes(content[-6:-2], "little") + 4
    archive.write_bytes(content[:directory] + b"more" + content[directory:-6] + moved.to_bytes(4, "little") + content[-2:])


def second(archive, folder):
    archive.write_bytes(archive.read_bytes() * 2)


def comment(archive, folder):
    with zipfile.ZipFile(archive, "a") as opened:
        opened.comment = b"approved"


def descriptors(archive, folder):
    """Sizes behind each entry instead of before it."""
    with archive.open("wb") as file, zipfile.ZipFile(Unseekable(file), "w") as opened:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            opened.write(path, f"{folder.name}/{path.relative_to(folder)}")


class Unseekable:
    def __init__(self, file):
        self.write, self.flush = file.write, file.flush


def other_case(archive, folder):
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(f"{folder.name}/BAGIT.TXT", "BagIt-Version: 1.0\n")


def other_form(archive, folder):
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(f"{folder.name}/data/cafe\u0301.csv", "")
        opened.writestr(f"{folder.name}/data/caf\u00e9.csv", "")


def test_an_archive_as_it_was_exported_is_accepted_by_both(bundle, tmp_path):
    archive = tmp_path / "bundle.zip"
    zip_bundle(bundle, archive)
    assert is_sound(archive)
    assert by_script(bundle, f"zip={archive}") == 0


@pytest.mark.parametrize("attack", [before, after, between, second, comment, descriptors, other_case, other_form])
def test_an_archive_that_could_be_read_in_two_ways_is_rejected_by_both(bundle, tmp_path, attack):
    archive = tmp_path / "bundle.zip"
    zip_bundle(bundle, archive)
    attack(archive, bundle)
    assert not is_sound(archive)
    assert by_script(bundle, f"zip={archive}") == 1


def device(place):
    place.symlink_to("/dev/zero")


def pipe(place):
    os.mkfifo(place)


def folder(place):
    place.mkdir()
    (place / "inside").write_text("x")


def link(place):
    place.symlink_to("fct_requests.csv")


@pytest.mark.parametrize("attack", [device, pipe, folder, link])
@pytest.mark.parametrize("named", [True, False])
def test_what_is_no_plain_file_is_never_read(bundle, attack, named):
    place = bundle / "data" / "tables" / "more.csv"
    attack(place)
    if named:
        manifest = bundle / "manifest-sha512.txt"
        manifest.write_text(manifest.read_text() + f"{'0' * 128}  data/tables/more.csv\n")
    assert not is_sound(bundle)
    assert by_script(bundle) == 1


@pytest.mark.parametrize("path", ["/dev/zero", "data/../../../dev/zero", "data/tables"])
def test_a_manifest_that_names_something_elsewhere_is_rejected_before_it_is_hashed(bundle, path):
    manifest = bundle / "manifest-sha512.txt"
    manifest.write_text(manifest.read_text() + f"{'0' * 128}  {path}\n")
    assert not is_sound(bundle)
    assert by_script(bundle) == 1
