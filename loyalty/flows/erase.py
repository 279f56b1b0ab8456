"""A person leaves, and takes everything that names them along; the ledger keeps its figures, of nobody."""

from __future__ import annotations

from sqlmodel import Session

from loyalty import clock
from loyalty.access import codes, sessions
from loyalty.animations import parts
from loyalty.db import TryAgain, Writer
from loyalty.fans import consents, disputes, erase, give_codes, link_codes
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.fans.register import get_fan
from loyalty.ledger import holds
from loyalty.outbox import mail
from loyalty.rewards import expiring
from loyalty.staff import audit


def erase_fan(db: Writer, *, fan_id: int, actor: str, reason: str | None = None) -> None:
    """Erase a fan (GDPR, article 17). What an account of theirs does from now on is a stranger's.

    Args:
        reason: why, where staff do it for them.

    Raises:
        NotFound: there is no such fan, or not any more.
    """

    def steps(session: Session) -> None:
        fan = get_fan(session, fan_id)
        holder_ids = holder_ids_of_fan(session, fan_id)
        if not erase.pseudonymise(session, fan, now=clock.now()):
            raise TryAgain
        if fan.email is not None:
            codes.forget_address(session, fan.email)
            mail.forget_recipient(session, fan.email)
        sessions.forget_all(session, kind=sessions.FAN, subject_id=fan_id)
        consents.forget(session, fan_id)
        disputes.forget_fan(session, fan_id)
        link_codes.forget_fan(session, fan_id)
        expiring.forget_fan(session, fan_id)
        give_codes.forget_fan(session, fan_id)
        parts.forget_answers(session, fan_id)
        holds.forget_purposes(session, holder_ids)
        audit.record(session, actor=actor, action="fan.erased", subject=f"fan:{fan_id}", reason=reason)

    db.write(steps)
