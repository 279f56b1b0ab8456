"""Whether the books add up."""

from loyalty.db import Database
from loyalty.flows.verify import verify


def adds_up(db: Database) -> bool:
    """Fail with the breaches, or say yes."""
    proof = verify(db)
    assert proof.holds, proof.breaches
    return True
