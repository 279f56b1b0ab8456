"""A person becomes a fan, and the fan's network accounts bring the points they earned on their own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import TryAgain, Writer
from loyalty.errors import Refused
from loyalty.fans.identities import OWN_NETWORK, KnownIdentity, find_identities, give_to_fan, meet
from loyalty.fans.register import add_fan, get_fan
from loyalty.fans.tables import Fan
from loyalty.i18n import Words
from loyalty.ledger.post import lock, move, open_holders, refuse_moved
from loyalty.rules.tallies import move_tallies
from loyalty.staff import audit
from loyalty.tiers.hand_over import hand_over


class IdentityTaken(Refused):
    """The account belongs to another fan."""

    code = "identity_taken"
    status = 409
    words = Words(
        fr="Ce compte {network} est déjà relié à un autre fan.",
        en="This {network} account is linked to another fan already.",
    )


class NotAnAccount(Refused):
    """The station's own network has no accounts to link: its identities are the fans themselves."""

    code = "not_an_account"
    words = Words(fr="« {network} » n’est pas un réseau à relier.", en="“{network}” is not a network to link.")


@dataclass(frozen=True, slots=True)
class Linked:
    """An identity and the points it brought; `is_new` is False when it was linked to this fan before."""

    identity: KnownIdentity
    points_moved: int
    is_new: bool


def register(
    db: Writer,
    *,
    reference: str | None = None,
    display_name: str | None = None,
    email: str | None = None,
    language: str = "fr",
    actor: str,
) -> Fan:
    """Make a fan with an empty wallet.

    Raises:
        Conflict: the reference or the e-mail address is another fan's.
    """

    def steps(session: Session) -> Fan:
        fan = add_fan(
            session,
            reference=reference,
            display_name=display_name,
            email=email,
            language=language,
            now=clock.now(),
        )
        open_holders(session, [fan.id])
        audit.record(session, actor=actor, action="fan.registered", subject=f"fan:{fan.id}")
        return fan

    return db.write(steps)


def link(db: Writer, *, fan_id: int, network: str, external_id: str, actor: str) -> Linked:
    """Link a network account to a fan: what it has earned becomes the fan's, lot by lot, and counts under the
    fan's caps.

    Raises:
        NotFound: there is no such fan.
        IdentityTaken: it is another fan's.
        NotAnAccount: the network is the station's own.
    """
    if network == OWN_NETWORK:
        raise NotAnAccount(network=network)
    account = (network, external_id)

    def steps(session: Session) -> Linked:
        now = clock.now()
        get_fan(session, fan_id)
        identities, opened = meet(session, {account: None}, now=now)
        open_holders(session, opened)
        identity = identities[account]
        states = lock(session, {identity.holder_id, fan_id})
        refuse_moved(states)
        if identity.fan_id is not None:
            if identity.fan_id != fan_id:
                raise IdentityTaken(network=network)
            return Linked(identity, 0, is_new=False)
        points = move(
            session,
            states[identity.holder_id],
            states[fan_id],
            cause="link",
            cause_id=ids.new(),
            effective_at=now,
        )
        move_tallies(session, source_id=identity.holder_id, target_id=fan_id)
        hand_over(session, source_id=identity.holder_id, target_id=fan_id, now=now)
        if not give_to_fan(session, identity.id, fan_id, now=now):
            raise TryAgain
        audit.record(
            session,
            actor=actor,
            action="identity.linked",
            subject=f"fan:{fan_id}",
            after={"network": network, "identity": str(identity.id), "points": points},  # its name may be erased
        )
        return Linked(find_identities(session, [account])[account], points, is_new=True)

    return db.write(steps)
