"""The catalogue: rewards are made, changed and archived."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.rewards import manage
from loyalty.rewards.tables import Reward
from loyalty.staff import audit
from loyalty.staff.audit import Actor


def create_reward(db: Writer, said: Mapping[str, Any], *, actor: Actor | str) -> Reward:
    """Make a reward; it has no stock yet.

    Args:
        said: as `rewards.schema.RewardSchema` loads it.

    Raises:
        RewardExists: another one has its slug.
        PartnerNotFound
        Invalid: a window closes before it opens, or a period has no limit.
    """

    def steps(session: Session) -> Reward:
        reward = manage.create(session, said)
        after = manage.described(reward)
        audit.record(session, actor=actor, action="reward.created", subject=f"reward:{reward.slug}", after=after)
        return reward

    return db.write(steps)


def change_reward(db: Writer, *, slug: str, said: Mapping[str, Any], actor: Actor | str) -> Reward:
    """Change what is said about a reward; vouchers already issued keep their terms.

    Args:
        said: as `rewards.schema.RewardChangeSchema` loads it.

    Raises:
        RewardNotFound
        PartnerNotFound
        Invalid: a window closes before it opens, or a period has no limit.
    """

    def steps(session: Session) -> Reward:
        reward = manage.hold(session, slug)
        before = manage.described(reward)
        manage.change(session, reward, said)
        after = manage.described(reward)
        if after != before:
            audit.record(
                session,
                actor=actor,
                action="reward.changed",
                subject=f"reward:{slug}",
                before=before,
                after=after,
            )
        return reward

    return db.write(steps)


def archive_reward(db: Writer, *, slug: str, actor: Actor | str, reason: str) -> Reward:
    """Take a reward out of the catalogue for good; vouchers already issued stay good.

    Raises:
        RewardNotFound
    """

    def steps(session: Session) -> Reward:
        reward = manage.hold(session, slug)
        if manage.archive(session, reward):
            audit.record(session, actor=actor, action="reward.archived", subject=f"reward:{slug}", reason=reason)
        return reward

    return db.write(steps)
