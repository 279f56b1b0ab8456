"""A fan gives a network account up, alone or with the help of staff."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.errors import NotFound, Refused
from loyalty.fans.register import get_fan
from loyalty.fans.unlink import take_from_fan, times_unlinked
from loyalty.i18n import Words
from loyalty.ledger.post import lock, refuse_moved
from loyalty.staff import audit

MOST, WITHIN = 3, timedelta(days=30)  # by the fan alone: each time, the account begins again below its caps


class TooManyUnlinked(Refused):
    """The fan gave up as many accounts lately as one may alone."""

    code = "too_many_unlinked"
    status = 429
    words = Words(
        fr="Vous avez déjà retiré {most:n} comptes en {days:n} jours : écrivez à la station pour en retirer un autre.",
        en="You unlinked {most:n} accounts within {days:n} days already: write to the station to unlink another.",
    )


def unlink(
    db: Writer,
    *,
    fan_id: int,
    network: str,
    external_id: str,
    actor: str,
    reason: str | None = None,
    at_will: bool = True,
) -> None:
    """Unlink a network account. Its past and the points of it stay the fan's; what it does next is its own.

    Args:
        at_will: False where the fan does it alone, which is bounded.

    Raises:
        NotFound: there is no such fan, or it is no account of theirs (again: it was unlinked before).
        TooManyUnlinked
    """

    def steps(session: Session) -> None:
        now = clock.now()
        get_fan(session, fan_id)
        refuse_moved(lock(session, {fan_id}))  # two of them, or one and a merger, come one after the other
        if not at_will and times_unlinked(session, fan_id, since=now - WITHIN) >= MOST:
            raise TooManyUnlinked(most=MOST, days=WITHIN.days)
        identity_id = take_from_fan(session, fan_id=fan_id, account=(network, external_id), now=now)
        if identity_id is None:
            raise NotFound(what=f"{network} account {external_id}")
        audit.record(
            session,
            actor=actor,
            action="identity.unlinked",
            subject=f"fan:{fan_id}",
            before={"network": network, "identity": str(identity_id)},  # its name may be erased
            reason=reason,
        )

    db.write(steps)
