"""What time alone takes away for good is taken only by a clock that can be believed."""

from __future__ import annotations

from datetime import timedelta

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.ledger import verifications

# The worker proves the books at least every thirty hours. A proof this old means that nobody worked for long, or that
# the clock has leapt ahead: a person can tell the two apart, and says so by a proof made by hand.
MOST = timedelta(days=7)


class ClockLeapt(Refused):
    """The clock is so far ahead of the last proof of the books that it may be wrong."""

    code = "clock_leapt"
    status = 503
    words = Words(
        fr="L’horloge indique le {now:moment}, la dernière preuve est du {proved:moment}. Rien n’expire ni n’est "
        "effacé : vérifiez l’horloge, puis lancez « loyalty verify ».",
        en="The clock says {now:moment}, the last proof of the books is of {proved:moment}. Nothing expires or is "
        "forgotten: look at the clock, then run `loyalty verify`.",
    )


def refuse_a_leap(db: Database) -> None:
    """Pass when the books were proved not long ago by this clock, or never.

    Raises:
        ClockLeapt
    """
    latest, now = db.read(verifications.latest), clock.now()
    if latest is not None and now - latest.began_at > MOST:
        raise ClockLeapt(now=now, proved=latest.began_at)
