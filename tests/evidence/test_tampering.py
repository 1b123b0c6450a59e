"""A bundle that was made anew, or belongs to another ledger or signer, is seen by our verifier and by the script.

Not here: what was changed in a bundle, kind by kind (tests/faults/test_26_tampered_bundles.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from evidence.shell import verify_sh
from evidence.tampering import a_bundle, both_reject, sign
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


def test_rows_removed_with_all_manifests_made_anew_are_seen_by_the_fingerprint(bundle):
    expected_fingerprint = fingerprint(bundle)
    (bundle / "data/events/requests.csv").write_text("event_id\ne1\n")
    reseal(bundle, 1)
    assert verify(bundle).is_sound, "a draft can be made anew by anybody: hence the fingerprint"
    both_reject(bundle, expected=expected_fingerprint)


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
