"""Merkle proofs are those of RFC 9162, and nothing else passes for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import merkle as oracle

from promisekept.evidence.merkle import (
    consistency_path,
    inclusion_path,
    is_extended,
    is_included,
    tree_root,
)
from promisekept.sources.zone.merkle import leaf_hash

# The leaves, roots and proofs that the implementations of Certificate Transparency are tested with.
LEAVES = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SECOND = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
THIRD_AND_FOURTH = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
LAST_FOUR = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
FIFTH = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
LAST_TWO = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
FIFTH_AND_SIXTH = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

sizes = st.integers(1, 70)


def hashes(size):
    return [leaf_hash(number.to_bytes(2)) for number in range(size)]


def contents(size):
    return [number.to_bytes(2) for number in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_test_vectors(size):
    assert tree_root([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, [SECOND, THIRD_AND_FOURTH, LAST_FOUR]),
        (5, 8, [FIFTH, LAST_TWO, ROOTS[3]]),
        (2, 3, [ROOTS[1]]),
        (1, 5, [ROOTS[0], THIRD_AND_FOURTH, FIFTH]),
    ],
)
def test_the_inclusion_proofs_are_those_of_the_test_vectors(index, size, path):
    leaves = [leaf_hash(leaf) for leaf in LEAVES[:size]]
    assert [node.hex() for node in inclusion_path(leaves, index)] == path
    assert is_included(leaves[index], index, size, [bytes.fromhex(node) for node in path], bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(
    ("old", "size", "path"),
    [
        (1, 1, []),
        (1, 8, [SECOND, THIRD_AND_FOURTH, LAST_FOUR]),
        (6, 8, [FIFTH_AND_SIXTH, LAST_TWO, ROOTS[3]]),
        (2, 5, [THIRD_AND_FOURTH, FIFTH]),
    ],
)
def test_the_consistency_proofs_are_those_of_the_test_vectors(old, size, path):
    leaves = [leaf_hash(leaf) for leaf in LEAVES[:size]]
    assert [node.hex() for node in consistency_path(leaves, old)] == path
    roots = [bytes.fromhex(root) for root in ROOTS]
    assert is_extended(old, roots[old - 1], size, roots[size - 1], [bytes.fromhex(node) for node in path])


@given(st.data(), sizes)
def test_every_leaf_has_the_standards_path_and_stands_at_no_other_place(data, size):
    index = data.draw(st.integers(0, size - 1))
    leaves, root = hashes(size), oracle.mth(contents(size))
    path = inclusion_path(leaves, index)
    assert path == oracle.path(index, contents(size))
    assert tree_root(leaves) == root
    assert [place for place in range(-1, size + 2) if is_included(leaves[index], place, size, path, root)] == [index]
    assert not is_included(leaf_hash(b"another"), index, size, path, root)


@given(st.data(), sizes)
def test_every_earlier_tree_has_the_standards_proof_and_no_other_root_passes(data, size):
    old = data.draw(st.integers(1, size))
    path = consistency_path(hashes(size), old)
    assert path == oracle.proof(old, contents(size))
    before, root = oracle.mth(contents(old)), oracle.mth(contents(size))
    assert is_extended(old, before, size, root, path)
    forged = oracle.mth([b"forged", *contents(old)[1:]])
    assert not is_extended(old, forged, size, root, path)
    assert not is_extended(old, before, size, forged, path)


@given(st.data(), sizes)
def test_a_proof_with_a_hash_changed_left_out_or_added_proves_nothing(data, size):
    index = data.draw(st.integers(0, size - 1))
    leaves = hashes(size)
    root = tree_root(leaves)
    for path, holds in (
        (inclusion_path(leaves, index), lambda path: is_included(leaves[index], index, size, path, root)),
        (
            consistency_path(leaves, index + 1),
            lambda path: is_extended(index + 1, tree_root(leaves[: index + 1]), size, root, path),
        ),
    ):
        assert holds(path)
        assert not holds([*path, bytes(32)])
        for place in range(len(path)):
            assert not holds(path[:place] + path[place + 1 :])
            changed = bytes([path[place][0] ^ 1]) + path[place][1:]
            assert not holds([*path[:place], changed, *path[place + 1 :]])


def test_an_empty_tree_is_extended_by_nothing_that_could_be_proved():
    assert not is_extended(0, tree_root([]), 1, tree_root(hashes(1)), [])
    assert not is_extended(3, tree_root(hashes(3)), 2, tree_root(hashes(2)), [])
