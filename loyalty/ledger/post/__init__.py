"""The one door into the ledger: every change of points is one of these calls.

Each expects its holders locked by `locks.lock` in the same transaction, and writes through one `Journal`.
"""

from loyalty.ledger.locks import HolderState, lock, lock_buckets, open_holders, refuse_moved
from loyalty.ledger.post.due import activate, expire
from loyalty.ledger.post.gain import Award
from loyalty.ledger.post.grant import award
from loyalty.ledger.post.hold import HoldClosed, MoreThanHeld, capture, refuse_closed, release, release_due, set_aside
from loyalty.ledger.post.move import move
from loyalty.ledger.post.redate import Redated, redate
from loyalty.ledger.post.reverse import Recorded, next_legs, recorded, reverse
from loyalty.ledger.post.spend import NotEnoughPoints, give_back, posted, spend, spendable, spender, take
from loyalty.ledger.post.transfer import sent_since, transfer

__all__ = [
    "Award",
    "HoldClosed",
    "HolderState",
    "MoreThanHeld",
    "NotEnoughPoints",
    "Recorded",
    "Redated",
    "activate",
    "award",
    "capture",
    "expire",
    "give_back",
    "lock",
    "lock_buckets",
    "move",
    "next_legs",
    "open_holders",
    "posted",
    "recorded",
    "redate",
    "refuse_closed",
    "refuse_moved",
    "release",
    "release_due",
    "reverse",
    "sent_since",
    "set_aside",
    "spend",
    "spendable",
    "spender",
    "take",
    "transfer",
]
