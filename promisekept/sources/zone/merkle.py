"""The tree hash of RFC 9162 (section 2.1.1): of leaves, of nodes, and of a list that grows.

Here: hashing alone. Not here: the ledger, whose lines are leaves (ledger.py), or proofs (promisekept.evidence.merkle).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


def leaf_hash(leaf: bytes) -> bytes:
    """The hash under which a leaf stands in the tree."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node from those of its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class MerkleTree:
    """The tree hash of a growing list, in logarithmic time per leaf.

    `peaks` are the roots of the perfect subtrees from left to right, as (height, hash).
    """

    size: int = 0
    peaks: list[tuple[int, bytes]] = field(default_factory=list)

    def copy(self) -> MerkleTree:
        """A tree of the same leaves that grows by itself."""
        return MerkleTree(self.size, list(self.peaks))

    def add(self, leaf: bytes) -> None:
        """Append one leaf, given its content (not its hash)."""
        self.add_hash(leaf_hash(leaf))

    def add_hash(self, node: bytes) -> None:
        """Append one leaf, given its hash."""
        height = 0
        while self.peaks and self.peaks[-1][0] == height:
            _, left = self.peaks.pop()
            height, node = height + 1, node_hash(left, node)
        self.peaks.append((height, node))
        self.size += 1

    @property
    def root(self) -> str:
        """The hash of the whole tree in hex; of an empty tree the hash of nothing."""
        if not self.peaks:
            return hashlib.sha256(b"").hexdigest()
        node = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            node = node_hash(left, node)
        return node.hex()
