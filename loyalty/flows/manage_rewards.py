"""The catalogue: rewards are made, changed and archived."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.pictures.keep import keep
from loyalty.pictures.make import Made
from loyalty.rewards import manage
from loyalty.rewards.tables import Reward
from loyalty.staff import audit
from loyalty.staff.audit import Actor


def create_reward(db: Writer, said: Mapping[str, Any], *, actor: Actor | str, picture: Made | None = None) -> Reward:
    """Make a reward; it has no stock yet.

    Args:
        said: as `rewards.schema.RewardSchema` loads it.
        picture: what it looks like.

    Raises:
        RewardExists: another one has its slug.
        PartnerNotFound
        Invalid: a window closes before it opens, or a period has no limit.
    """

    def steps(session: Session) -> Reward:
        reward = manage.create(session, {**said, **_kept(session, picture)})
        after = manage.described(reward)
        audit.record(session, actor=actor, action="reward.created", subject=f"reward:{reward.slug}", after=after)
        return reward

    return db.write(steps)


def change_reward(
    db: Writer,
    *,
    slug: str,
    said: Mapping[str, Any],
    actor: Actor | str,
    picture: Made | None = None,
    without_picture: bool = False,
) -> Reward:
    """Change what is said about a reward; vouchers already issued keep their terms.

    Args:
        said: as `rewards.schema.RewardChangeSchema` loads it.
        picture: another picture; None: the one it has.
        without_picture: take the one it has away.

    Raises:
        RewardNotFound
        PartnerNotFound
        Invalid: a window closes before it opens, or a period has no limit.
    """

    def steps(session: Session) -> Reward:
        reward = manage.hold(session, slug)
        before = manage.described(reward)
        pictured = {"picture_id": None} if without_picture else {}
        manage.change(session, reward, {**said, **pictured, **_kept(session, picture)})
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


def _kept(session: Session, picture: Made | None) -> dict[str, int]:
    return {} if picture is None else {"picture_id": keep(session, picture)}
