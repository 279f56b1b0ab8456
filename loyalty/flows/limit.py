"""Count what fails, for all workers together, and refuse who fails too often."""

import contextlib
from datetime import timedelta

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.errors import Busy
from loyalty.intake import rate
from loyalty.intake.rate import Limit

CREDENTIALS = Limit(name="credential", most=30, within=timedelta(minutes=5))  # wrong ones, by network address
ENROLMENTS = Limit(name="enrolment", most=10, within=timedelta(minutes=5))  # wrong codes, by network address


def refuse_flood(db: Writer, limit: Limit, who: str) -> None:
    """Let pass who is below the limit; nothing is counted, nothing is written.

    Raises:
        TooManyAttempts
    """
    db.read(lambda session: rate.refuse_flood(session, limit, who))


def count_failure(db: Writer, limit: Limit, who: str) -> None:
    """Count one failure of `who`; whoever is over the limit no longer makes us write.

    Raises:
        TooManyAttempts: they were at the limit before this one.
    """
    count(db, limit, who)


def count(db: Writer, limit: Limit, who: str) -> None:
    """Count one thing that `who` does, where not only failures have a limit.

    Raises:
        TooManyAttempts: they were at the limit before this one.
    """
    refuse_flood(db, limit, who)
    with contextlib.suppress(Busy):  # one more or less
        db.write(lambda session: rate.count(session, limit, who))


def forget_counts(db: Writer, *, older_than: timedelta = timedelta(days=1)) -> None:
    """Delete what was counted that long ago: it holds network addresses, and no limit looks back so far."""

    def steps(session: Session) -> None:
        rate.forget(session, clock.now() - older_than)

    db.write(steps)
