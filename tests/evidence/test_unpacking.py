"""A ZIP from outside is looked through before a byte of it is written."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest
from evidence.tampering import a_bundle

from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import files, fingerprint
from promisekept.evidence.unpacking import unpack
from promisekept.evidence.verifying import verify
from promisekept.evidence.zipping import zip_bundle


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def packed(path: Path, *contents: tuple[zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for one, content in contents:
            archive.writestr(one, content)
    return path


def test_what_was_packed_comes_out_as_it_was(tmp_path):
    bundle = a_bundle(tmp_path / "bundle")
    zip_bundle(bundle, tmp_path / "bundle.zip")
    (tmp_path / "out").mkdir()
    out = unpack(tmp_path / "bundle.zip", tmp_path / "out")
    assert files(out) == files(bundle)
    assert fingerprint(out) == fingerprint(bundle)
    assert verify(tmp_path / "bundle.zip").is_sound


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (entry("b/../../etc/cron.d/x"), "leads elsewhere"),
        (entry("/etc/passwd"), "leads elsewhere"),
        (entry("../x"), "leads elsewhere"),
        (entry("b\\..\\..\\x"), "leads elsewhere"),
        (entry("C:/x"), "leads elsewhere"),
        (entry("b//x"), "leads elsewhere"),
        (entry("b/link", stat.S_IFLNK | 0o777), "link or a special file"),
        (entry("b/pipe", stat.S_IFIFO | 0o644), "link or a special file"),
    ],
    ids=lambda value: getattr(value, "filename", ""),
)
def test_a_path_that_leads_elsewhere_or_a_link_is_rejected(tmp_path, made, message):
    archive = packed(tmp_path / "bad.zip", (entry("b/bagit.txt"), b"x"), (made, b"/etc/passwd"))
    with pytest.raises(EvidenceError, match=message):
        verify(archive)


def test_a_bomb_is_rejected_before_it_grows(tmp_path):
    archive = packed(tmp_path / "bomb.zip", (entry("b/data.csv"), bytes(20 * 2**20)))
    with pytest.raises(EvidenceError, match="would grow more than"):
        verify(archive)


def test_a_size_that_lies_is_found_out(tmp_path):
    archive = packed(tmp_path / "lie.zip", (entry("b/data.csv"), bytes(range(256)) * 4096))
    content = bytearray(archive.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 10)
    archive.write_bytes(bytes(content))
    with pytest.raises(EvidenceError, match="states two things about"):
        verify(archive)


def test_a_name_twice_several_folders_and_nothing_at_all_are_rejected(tmp_path):
    with pytest.warns(UserWarning):
        twice = packed(tmp_path / "twice.zip", (entry("b/x"), b"1"), (entry("b/x"), b"2"))
    cases = packed(tmp_path / "cases.zip", (entry("b/x"), b"1"), (entry("b/X"), b"2"))
    several = packed(tmp_path / "several.zip", (entry("b/x"), b"1"), (entry("c/x"), b"2"))
    for archive, message in (
        (twice, "twice"),
        (cases, "twice"),
        (several, "more than one folder"),
        (packed(tmp_path / "no.zip"), "0 files"),
    ):
        with pytest.raises(EvidenceError, match=message):
            verify(archive)


def test_what_is_no_zip_or_half_of_one_is_named(tmp_path):
    (tmp_path / "half.zip").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(EvidenceError, match="no whole ZIP"):
        verify(tmp_path / "half.zip")
    with pytest.raises(EvidenceError, match="no such bundle"):
        verify(tmp_path / "none.zip")
