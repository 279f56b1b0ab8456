"""When the books were proved, and what was found: to be looked at long after."""

from sqlmodel import Session, col, select

from loyalty.ledger.tables import Verification


def keep(session: Session, verification: Verification) -> None:
    """Keep one run."""
    session.add(verification)


def latest(session: Session) -> Verification | None:
    """The last run, if there was any."""
    return session.exec(select(Verification).order_by(col(Verification.id).desc()).limit(1)).one_or_none()
