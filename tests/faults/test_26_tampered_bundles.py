"""Fault 26: bundle tampered (15+ kinds) and 500 random bit flips: each is rejected by both verifiers."""

from __future__ import annotations

import shutil
from random import Random

import pytest
from tampering import OF_A_BUNDLE, OF_A_FILE, a_bundle, both_reject, edit, sign, swap

from promisekept.evidence.bagit import files
from promisekept.evidence.signing.signatures import PARTS
from promisekept.evidence.signing.signing_keys import create_signing_keys
from promisekept.evidence.verifying import verify

FLIPS = 500
PATHS = (
    "bagit.txt", "bag-info.txt", "manifest-sha512.txt", "tagmanifest-sha512.txt", "metadata/omissions.json",
    "metadata/log-proof.txt", "metadata/sql/fct_requests.sql", "data/datapackage.json", "data/tables/fct_requests.csv",
    "data/tables/fct_requests.parquet", "data/events/requests.csv", *(f"signatures/release-1{part}" for part in PARTS),
)  # fmt: skip
"""One file of each sort."""
OF_A_RELEASE = {
    "other names": lambda place: edit(place / "release-1.statement.txt", "Bo", "Di"),
    "parts swapped": lambda place: swap(place / "release-1.p7s", place / "release-1.tsr"),
    "a second statement": lambda place: shutil.copy(place / "release-1.statement.txt", place / "release-2.statement.txt"),
    "a note beside": lambda place: (place / "note.txt").write_text("approved"),
    "none": shutil.rmtree,
}
KINDS = {
    **{
        f"{path}: {kind}": lambda bundle, path=path, act=act: act(bundle / path)
        for path in PATHS
        for kind, act in OF_A_FILE.items()
    },
    **OF_A_BUNDLE,
    **{f"release: {kind}": lambda bundle, act=act: act(bundle / "signatures") for kind, act in OF_A_RELEASE.items()},
}


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A small bundle, signed and dated, and the certificates that its reader was given."""
    folder = tmp_path_factory.mktemp("tampered")
    create_signing_keys(folder / "keys", "Example Ltd")
    bundle = a_bundle(folder / "bundle")
    trust = sign(bundle, folder / "keys")
    assert verify(bundle, trust=trust).problems == ()
    return bundle, trust


def test_there_are_eighty_kinds():
    assert len(KINDS) >= 80


@pytest.mark.parametrize("kind", KINDS)
def test_a_tampered_bundle_is_rejected_by_both(released, tmp_path, kind):
    bundle, trust = released
    copy = shutil.copytree(bundle, tmp_path / bundle.name)
    KINDS[kind](copy)
    both_reject(copy, trust=trust)
    if "release" not in kind:  # nor does it pass as a draft
        shutil.rmtree(copy / "signatures")
        both_reject(copy)


@pytest.mark.slow
def test_every_flipped_bit_is_rejected_by_both(released):
    """Of any file of the bundle or of its release, wherever the bit is; whole again, it is sound again."""
    bundle, trust = released
    chance, there = Random(26), [bundle / path for path in files(bundle)]
    for _ in range(FLIPS):
        path = chance.choice(there)
        place, bit = chance.randrange(path.stat().st_size), 1 << chance.randrange(8)
        for expected in ("flipped", "whole"):
            with path.open("r+b") as file:
                file.seek(place)
                byte = file.read(1)[0]
                file.seek(place)
                file.write(bytes([byte ^ bit]))
            if expected == "flipped":
                both_reject(bundle, trust=trust)
    assert verify(bundle, trust=trust).problems == ()
