"""When the books were proved, and what was found: to be looked at long after."""

from sqlmodel import Session, col, select

from loyalty import clock
from loyalty.ledger.tables import Verification


def keep(session: Session, verification: Verification) -> None:
    """Keep one run."""
    session.add(verification)


def latest(session: Session) -> Verification | None:
    """The last run, if there was any; one dated ahead of now was made by a clock that was put right since."""
    past = select(Verification).where(col(Verification.began_at) <= clock.now())
    return session.exec(past.order_by(col(Verification.began_at).desc(), col(Verification.id).desc()).limit(1)).first()
