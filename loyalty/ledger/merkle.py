"""Merkle trees as Certificate Transparency builds them (RFC 6962, section 2.1): one hash stands for many rows.

A leaf and a node are hashed under different prefixes, so that neither can pass for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256().digest()


def leaf(content: bytes) -> bytes:
    """The hash of one row's content."""
    return hashlib.sha256(b"\0" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of all leaves in their order."""
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        paired = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]  # a last one without a partner moves up as it is
    return level[0]


def path(leaves: Sequence[bytes], at: int) -> list[bytes]:
    """What has to be known, besides the leaf at a place, to compute the root: the nodes beside its way up."""
    assert 0 <= at < len(leaves), "the leaf is one of them"
    level, beside = list(leaves), []
    while len(level) > 1:
        partner = at ^ 1
        if partner < len(level):
            beside.append(level[partner])
        paired = [_node(level[each], level[each + 1]) for each in range(0, len(level) - 1, 2)]
        level, at = paired + level[len(paired) * 2 :], at // 2
    return beside


def root_of(content_leaf: bytes, at: int, size: int, beside: Sequence[bytes]) -> bytes | None:
    """The root of a tree of `size` leaves, from one of them and its path; None when the path does not fit the tree."""
    if not 0 <= at < size:
        return None
    hashed, left = content_leaf, list(beside)
    while size > 1:
        if at ^ 1 < size:
            if not left:
                return None
            other = left.pop(0)
            hashed = _node(other, hashed) if at & 1 else _node(hashed, other)
        at, size = at // 2, (size + 1) // 2
    return None if left else hashed


def _node(one: bytes, other: bytes) -> bytes:
    return hashlib.sha256(b"\1" + one + other).digest()
