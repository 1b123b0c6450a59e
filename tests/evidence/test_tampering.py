"""Whatever is done to a bundle after it was made, our verifier and the script both see it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from evidence.shell import verify_sh
from evidence.tampering import OF_A_BUNDLE, OF_A_FILE, a_bundle, both_reject, sign
from ledger_proofs import reseal

from promisekept.evidence.bagit import fingerprint
from promisekept.evidence.signing.signing_keys import create_signing_keys
from promisekept.evidence.verifying import verify


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return a_bundle(tmp_path / "bundle")


def test_an_untouched_bundle_passes_both(bundle):
    assert verify(bundle, expected=fingerprint(bundle)).is_sound
    assert verify_sh(bundle, fingerprint=fingerprint(bundle)).returncode == 0


@pytest.mark.parametrize(
    "path",
    [
        "bagit.txt", "bag-info.txt", "manifest-sha512.txt", "tagmanifest-sha512.txt", "data/tables/fct_requests.csv",
        "data/tables/fct_requests.parquet", "data/events/requests.csv", "data/datapackage.json", "metadata/omissions.json",
        "metadata/sql/fct_requests.sql", "metadata/log-proof.txt",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", OF_A_FILE)
def test_a_file_that_was_changed_removed_or_renamed_is_seen(bundle, path, kind):
    OF_A_FILE[kind](bundle / path)
    both_reject(bundle)


@pytest.mark.parametrize("kind", OF_A_BUNDLE)
def test_what_was_added_moved_or_rewritten_is_seen(bundle, kind):
    """Also where only the order of a manifest is another one: there is one way to write a bundle down."""
    OF_A_BUNDLE[kind](bundle)
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
