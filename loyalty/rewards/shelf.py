"""The catalogue as those see it who fill it: every reward with what came in, what is left and what went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk
from loyalty.partners.tables import Partner
from loyalty.pictures.find import Shown, shown
from loyalty.rewards.stock import is_left
from loyalty.rewards.tables import Reward, StockLot, StockMovement, StockUnit

VISIBLE, NOT_YET, SOLD_OUT, OVER, ARCHIVED = "visible", "not_yet", "sold_out", "over", "archived"
STATES = (VISIBLE, NOT_YET, SOLD_OUT, OVER, ARCHIVED)

_unit = StockUnit.__table__  # type: ignore[attr-defined]
_movement = StockMovement.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """How many units are where.

    Attributes:
        left: free to be taken.
        taken: by redemptions that were not cancelled.
        out: withdrawn or lost.
    """

    left: int = 0
    taken: int = 0
    out: int = 0

    @property
    def received(self) -> int:
        """All that ever came in, those that came back counted again."""
        return self.left + self.taken + self.out


@dataclass(frozen=True, slots=True, kw_only=True)
class OnShelf:
    """One reward, with its partner and its stock."""

    reward: Reward
    partner: Partner
    units: Units
    state: str
    picture: Shown | None

    @property
    def is_low(self) -> bool:
        """Whether fewer are left than the station wants to be told of."""
        return self.reward.low_stock is not None and self.units.left < self.reward.low_stock


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOnShelf:
    """One stock lot and where its units are."""

    lot: StockLot
    units: Units

    @property
    def cost_cents(self) -> int:
        """What its units that are left cost the station."""
        return self.units.left * self.lot.unit_cost_cents


def rewards(
    session: Session,
    *,
    now: datetime,
    limit: int,
    below_id: int | None = None,
    sought: str = "",
    state: str | None = None,
    partner: str | None = None,
) -> list[OnShelf]:
    """The rewards, the newest first, before the number `below_id`; archived ones only when asked for.

    Args:
        sought: a part of a name or of the slug.
        state: one of `STATES`.
        partner: the slug of a partner.
    """
    chosen = select(Reward, Partner).join(Partner, col(Partner.id) == Reward.partner_id)
    chosen = chosen.where(_is(state, now) if state else col(Reward.archived_at).is_(None))
    if below_id is not None:
        chosen = chosen.where(col(Reward.id) < below_id)
    if partner:
        chosen = chosen.where(Partner.slug == partner)
    if sought:
        named = (Reward.slug, Reward.name_fr, Reward.name_en)
        chosen = chosen.where(sa.or_(*(col(each).icontains(sought, autoescape=True) for each in named)))
    found = session.exec(chosen.order_by(col(Reward.id).desc()).limit(limit)).all()
    return _on_shelf(session, found, now)


def one(session: Session, reward: Reward, *, now: datetime) -> OnShelf:
    """One reward with its stock."""
    return _on_shelf(session, [(reward, session.get_one(Partner, reward.partner_id))], now)[0]


def lots(session: Session, reward_id: int) -> list[LotOnShelf]:
    """The stock lots of a reward, the latest first."""
    chosen = select(StockLot).where(StockLot.reward_id == reward_id).order_by(col(StockLot.id).desc())
    found = list(session.exec(chosen))
    units = _units(session, _unit.c.lot_id, [each.id for each in found])
    return [LotOnShelf(lot=each, units=units.get(each.id, Units())) for each in found]


def received_of(session: Session, lot_ids: Iterable[int]) -> dict[int, int]:
    """How many units of each lot were received in the first place."""
    rows = session.execute(
        sa.select(_movement.c.lot_id, sa.func.sum(_movement.c.quantity))
        .where(bulk.one_of(session, _movement.c.lot_id, lot_ids), _movement.c.kind == "received")
        .group_by(_movement.c.lot_id)
    )
    return {lot_id: int(quantity) for lot_id, quantity in rows}


def state_of(reward: Reward, left: int, now: datetime) -> str:
    """Which of `STATES` a reward is in."""
    if reward.archived_at is not None:
        return ARCHIVED
    if reward.visible_from is not None and now < reward.visible_from:
        return NOT_YET
    if reward.visible_to is not None and reward.visible_to <= now:
        return OVER
    return VISIBLE if left else SOLD_OUT


def _is(state: str, now: datetime) -> sa.ColumnElement[bool]:
    archived = col(Reward.archived_at)
    begins, ends = col(Reward.visible_from), col(Reward.visible_to)
    if state == ARCHIVED:
        return archived.is_not(None)
    if state == NOT_YET:
        return sa.and_(archived.is_(None), begins > now)
    begun = sa.and_(archived.is_(None), sa.or_(begins.is_(None), begins <= now))
    if state == OVER:
        return sa.and_(begun, ends <= now)
    some = is_left(col(Reward.id))
    return sa.and_(begun, sa.or_(ends.is_(None), ends > now), some if state == VISIBLE else ~some)


def _on_shelf(session: Session, found: Sequence[tuple[Reward, Partner]], now: datetime) -> list[OnShelf]:
    units = _units(session, _unit.c.reward_id, [reward.id for reward, _ in found if reward.id is not None])
    pictures = shown(session, [reward.picture_id for reward, _ in found])
    return [
        OnShelf(
            reward=reward,
            partner=partner,
            units=(its := units.get(reward.id or 0, Units())),
            state=state_of(reward, its.left, now),
            picture=pictures.get(reward.picture_id or 0),
        )
        for reward, partner in found
    ]


def _units(session: Session, of: sa.Column[int], wanted: Iterable[int]) -> dict[int, Units]:
    counted: dict[int, dict[str, int]] = {}
    rows = session.execute(
        sa.select(of, _unit.c.state, sa.func.count())
        .where(bulk.one_of(session, of, wanted))
        .group_by(of, _unit.c.state)
    )
    names = {"free": "left", "taken": "taken", "out": "out"}
    for number, state, count in rows:
        counted.setdefault(number, {})[names[state]] = int(count)
    return {number: Units(**parts) for number, parts in counted.items()}
