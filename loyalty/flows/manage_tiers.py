"""The station builds its ladder; who rises by it does so with the next review, and nobody loses what was promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.programme.find import the_programme
from loyalty.staff import audit
from loyalty.tiers import manage
from loyalty.tiers.decide import Step
from loyalty.tiers.foresee import Foreseen, foresee
from loyalty.tiers.review import ladder
from loyalty.tiers.tables import Tier

_NEW = 0  # the number of a tier that is not there yet


def add_tier(db: Writer, said: Mapping[str, Any], *, actor: str, reason: str | None = None) -> Tier:
    """Add a tier to the ladder.

    Args:
        said: as `tiers.schema.TierSchema` loads it.

    Raises:
        TierExists
        ThresholdTaken
    """

    def steps(session: Session) -> Tier:
        tier = manage.add(session, said)
        audit.record(
            session,
            actor=actor,
            action="tier.added",
            subject=f"tier:{tier.slug}",
            after=manage.described(tier),
            reason=reason,
        )
        return tier

    return db.write(steps)


def change_tier(db: Writer, *, slug: str, said: Mapping[str, Any], actor: str, reason: str) -> Tier:
    """Change a tier's names, what it brings, or what it takes.

    Raises:
        TierNotFound
        ThresholdTaken
    """

    def steps(session: Session) -> Tier:
        tier = manage.hold(session, slug)
        before = manage.described(tier)
        manage.change(session, tier, said)
        after = manage.described(tier)
        changed = [name for name in after if after[name] != before[name]]
        if changed:
            audit.record(
                session,
                actor=actor,
                action="tier.changed",
                subject=f"tier:{slug}",
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
                reason=reason,
            )
        return tier

    return db.write(steps)


def archive_tier(db: Writer, *, slug: str, actor: str, reason: str) -> None:
    """Give a tier to nobody any more; who has it keeps it to the promised date.

    Raises:
        TierNotFound
    """

    def steps(session: Session) -> None:
        tier = manage.hold(session, slug)
        manage.archive(session, tier)
        audit.record(
            session,
            actor=actor,
            action="tier.archived",
            subject=f"tier:{slug}",
            before=manage.described(tier),
            reason=reason,
        )

    db.write(steps)


def foresee_tier(db: Writer, *, slug: str | None, threshold: int) -> Foreseen:
    """Say what a ladder would do to everybody, and change nothing.

    Args:
        slug: of the tier to change; None: a new one.
        threshold: what it would take.

    Raises:
        TierNotFound
    """

    def steps(session: Session) -> Foreseen:
        now_ladder = ladder(session)
        tier_id = _NEW if slug is None else manage.hold(session, slug).id
        assert tier_id is not None
        then = {**now_ladder, tier_id: Step(tier_id, threshold)}
        programme, now = the_programme(session), clock.now()
        return foresee(session, list(now_ladder.values()), list(then.values()), programme=programme, now=now)

    return db.read(steps)
