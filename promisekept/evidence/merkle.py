"""Merkle proofs of RFC 9162: that a leaf is in a tree, and that a tree continues an earlier one.

Here: building both from the hashes of all leaves (sections 2.1.3.1 and 2.1.4.1) and checking them without (2.1.3.2, 2.1.4.2).
Not here: the hashes themselves (promisekept.sources.zone.merkle) or how a proof is written down (proof.py). Hashes are 32 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from promisekept.sources.zone.merkle import MerkleTree, node_hash


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree from the hashes of its leaves; of an empty one the hash of nothing."""
    tree = MerkleTree()
    for leaf in leaves:
        tree.add_hash(leaf)
    return bytes.fromhex(tree.root)


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings on the way from a leaf up to the root.

    Args:
        leaves: hashes of all leaves of the tree.
        index: of the leaf, from zero.
    """
    path: list[bytes] = []
    while len(leaves) > 1:
        split = _split(len(leaves))
        if index < split:
            path.append(tree_root(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(tree_root(leaves[:split]))
            leaves, index = leaves[split:], index - split
    return path[::-1]


def consistency_path(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The nodes from which both the root of the first `old_size` leaves and that of all leaves follow.

    Args:
        leaves: hashes of all leaves of the later tree.
        old_size: how many of them the earlier tree had; at least one.
    """
    path: list[bytes] = []
    whole = True
    while old_size != len(leaves):
        split = _split(len(leaves))
        if old_size <= split:
            path.append(tree_root(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(tree_root(leaves[:split]))
            leaves, old_size, whole = leaves[split:], old_size - split, False
    return ([] if whole else [tree_root(leaves)]) + path[::-1]


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf of that hash stands at `index` in the tree of `size` leaves under `root`."""
    if not 0 <= index < size:
        return False
    node, place, last = leaf, index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if place % 2 or place == last:
            node = node_hash(sibling, node)
            while place and not place % 2:
                place, last = place // 2, last // 2
        else:
            node = node_hash(node, sibling)
        place, last = place // 2, last // 2
    return last == 0 and node == root


def is_extended(old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree of `size` leaves under `root` begins with the tree of `old_size` leaves under `old_root`."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not path and old_root == root
    nodes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    if not nodes:
        return False
    place, last = old_size - 1, size - 1
    while place % 2:
        place, last = place // 2, last // 2
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while place and not place % 2:
                place, last = place // 2, last // 2
        else:
            new = node_hash(new, node)
        place, last = place // 2, last // 2
    return last == 0 and old == old_root and new == root


def _split(size: int) -> int:
    """The largest power of two that is smaller than a size above one."""
    return 1 << (size - 1).bit_length() - 1
