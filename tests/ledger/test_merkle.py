"""A tree of hashes: as RFC 6962 defines it, whatever its size; and a path fits its leaf and nothing else."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from loyalty.ledger import merkle

LEAVES = st.lists(st.binary(max_size=9).map(merkle.leaf), min_size=1, max_size=40)


def by_the_book(leaves):
    """MTH of RFC 6962, section 2.1, word for word: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + by_the_book(leaves[:split]) + by_the_book(leaves[split:])).digest()


def test_known_values():
    # From the test vectors of Certificate Transparency: the empty tree, and one leaf without content.
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(LEAVES)
def test_the_root_is_the_one_of_the_rfc(leaves):
    assert merkle.root(leaves) == by_the_book(leaves)


@given(LEAVES, st.data())
def test_a_path_leads_its_leaf_to_the_root_and_no_other(leaves, data):
    at = data.draw(st.integers(0, len(leaves) - 1))
    path, root = merkle.path(leaves, at), merkle.root(leaves)
    assert merkle.root_of(leaves[at], at, len(leaves), path) == root
    assert merkle.root_of(merkle.leaf(b"another leaf altogether"), at, len(leaves), path) != root
    assert merkle.root_of(leaves[at], at, len(leaves), [*path, root]) is None
    assert merkle.root_of(leaves[at], len(leaves), len(leaves), path) is None
    if path:
        assert merkle.root_of(leaves[at], at, len(leaves), path[:-1]) is None
