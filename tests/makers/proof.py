"""Whether the books add up."""

from loyalty.db import Database


def adds_up(db: Database) -> bool:
    """Fail with the breaches, or say yes."""
    from loyalty.ledger.verify import breaches as a
    from loyalty.rules.verify import breaches as b

    found = db.read(lambda session: [*a(session), *b(session)])
    assert found == []
    return True
