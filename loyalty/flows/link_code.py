"""A fan types a code from a network account, and by that alone the account is the fan's.

Two transactions: the code is claimed in the one that records the message, and the link follows in its own, for it locks
the points of another holder. Whoever stops between the two leaves a claimed code, which the next run links.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from loyalty import clock, registry
from loyalty.activities.fact import OWN_NETWORK, ActivityFact
from loyalty.connector import ANYWHERE, Connector
from loyalty.db import Database, Writer
from loyalty.errors import NotFound, Refused
from loyalty.fans import give_codes, link_codes
from loyalty.fans.identities import find_identities
from loyalty.fans.link_codes import Said
from loyalty.fans.register import get_fan
from loyalty.fans.tables import Identity, LinkCode
from loyalty.flows.link import IdentityTaken, link
from loyalty.i18n import Words
from loyalty.intake import rate
from loyalty.intake.rate import Limit, TooManyAttempts
from loyalty.intake.sources import find_sources

CODES = Limit(name="link-code", most=10, within=timedelta(hours=1))  # shown, by fan
WAITING, LINKED, TAKEN, OVER = "waiting", "linked", "taken", "over"


class TooManyCodes(Refused):
    """So many codes were shown to this fan within the hour."""

    code = "too_many_codes"
    status = 429
    words = Words(
        fr="Vous avez demandé {most:n} codes en une heure : un peu de patience, s’il vous plaît.",
        en="You asked for {most:n} codes within the hour: a little patience, please.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCode:
    """A code as the fan is told it, once."""

    id: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of a code.

    Attributes:
        state: "waiting", "linked", "taken" (the account is another fan's) or "over" (too old, or another was shown).
        identity: the account it was typed from.
    """

    state: str
    code: LinkCode | None = None
    identity: Identity | None = None


def ways_to_link(session: Session) -> dict[str, Words]:
    """The networks that are listened to, each with how to type a code there; `connector.ANYWHERE` comes last."""
    connectors: Mapping[str, Connector] = registry.plugins("loyalty.connectors")
    ways: dict[str, Words] = {}
    for source in find_sources(session):
        connector = connectors.get(source.connector)
        if connector is None or source.stopped_at is not None:
            continue
        for network, how in connector.linking.items():
            named = source.options.get("networks") if network == ANYWHERE else None
            for each in named or [network]:
                ways.setdefault(each, how)
    return dict(sorted(ways.items(), key=lambda way: (way[0] == ANYWHERE, way[0])))


def show_link_code(db: Writer, fan_id: int) -> ShownCode:
    """Make a code for a fan, in place of one that was not typed.

    Raises:
        NotFound: there is no such fan.
        TooManyCodes
    """

    def steps(session: Session) -> ShownCode:
        get_fan(session, fan_id)
        try:
            rate.refuse_flood(session, CODES, str(fan_id))
        except TooManyAttempts:
            raise TooManyCodes(most=CODES.most) from None
        rate.count(session, CODES, str(fan_id))
        row, spelled = link_codes.open_code(session, fan_id)
        return ShownCode(id=row.id, code=link_codes.spell(spelled))

    return db.write(steps)


def what_became(session: Session, code_id: int, *, fan_id: int) -> Became:
    """What became of a code of this fan."""
    code = session.get(LinkCode, code_id)
    if code is None or code.fan_id != fan_id:
        return Became(state=OVER)
    if code.identity_id is None:
        return Became(state=WAITING if code.expires_at > clock.now() else OVER, code=code)
    identity = session.get_one(Identity, code.identity_id)
    if identity.unlinked_at is not None:
        return Became(state=OVER)
    if identity.fan_id is None:
        return Became(state=WAITING, code=code, identity=identity)
    return Became(state=LINKED if identity.fan_id == fan_id else TAKEN, code=code, identity=identity)


def hear_codes(session: Session, facts: Sequence[ActivityFact]) -> int:
    """Claim the codes among what was written, once their writers are on record; returns how many."""
    spoken = [
        (fact, code)
        for fact in facts
        if fact.text and fact.network != OWN_NETWORK
        for code in link_codes.spoken_in(fact.text)
    ]
    if not spoken:
        return 0
    known = find_identities(session, {(fact.network, fact.actor) for fact, _ in spoken})
    now = clock.now()
    said = [
        Said(code=code, identity_id=known[fact.network, fact.actor].id, at=min(fact.happened_at or now, now))
        for fact, code in spoken
        if (fact.network, fact.actor) in known
    ]
    return link_codes.claim(session, said)


def listen(db: Database, facts: Sequence[ActivityFact]) -> None:
    """Hear the codes in facts that were recorded, and link."""
    if any(fact.text and link_codes.spoken_in(fact.text) for fact in facts):
        db.write(lambda session: hear_codes(session, facts))
        link_heard(db)


def link_heard(db: Database) -> int:
    """Link every account whose code was claimed; returns how many."""
    done = 0
    for each in db.read(link_codes.waiting):
        with contextlib.suppress(IdentityTaken, NotFound):  # another was faster, or the fan has left meanwhile
            link(
                db,
                fan_id=each.fan_id,
                network=each.network,
                external_id=each.external_id,
                actor=f"fan:{each.fan_id}",
            )
            done += 1
    return done


def forget_link_codes(db: Database, *, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete codes that old, and those by which points are given; returns how many."""
    before = clock.now() - older_than
    return db.write(
        lambda session: link_codes.forget(session, before=before) + give_codes.forget(session, before=before)
    )
