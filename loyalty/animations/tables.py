"""Animations, and the part each fan has in them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, document, instant, strict

TRYING, RECORDED, IN_REVIEW, REFUSED = "trying", "recorded", "in_review", "refused"


class Animation(SQLModel, table=True):
    """One animation, as it was opened. Read by every answer, and so written by none."""

    __table_args__ = strict(
        sa.CheckConstraint("starts_at < ends_at", name="animation_starts_before_it_ends"),
        sa.Index("animation_by_end", "ends_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    kind: str  # a plug-in's name: see loyalty/animation.py
    name_fr: str
    name_en: str
    show: str | None = None  # a slug, as activities carry it
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    settings: dict[str, Any] = document()
    solution: dict[str, Any] = document()  # never told to who may only read
    created_at: datetime = instant()
    closed_at: datetime | None = instant(default=None)  # before its end, by staff
    voided_at: datetime | None = instant(default=None)  # and what it earned is being taken back
    voided_by: str | None = None
    voided_because: str | None = None
    taken_back_to: int = big(default=0)  # the part up to which this was done, in the present pass
    taken_back_at: datetime | None = instant(default=None)  # all of it
    frozen_at: datetime | None = instant(default=None)  # from here on answers wait for a person
    frozen_because: dict[str, str] | None = document(default=None)  # in each language


class AnimationPart(SQLModel, table=True):
    """What one fan did in one animation: the attempts, and the answer once one counted.

    No foreign key to the animation: fifty thousand fans a minute would all lock its row, if only to share it.
    """

    __tablename__ = "animation_part"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "bucket"),
        sa.UniqueConstraint("animation_id", "fan_id", "bucket", name="one_part_per_fan"),
        sa.Index("animation_part_by_state", "animation_id", "state", "id"),
        sa.Index("animation_part_by_time", "animation_id", "happened_at"),
        sa.Index("animation_part_of_fan", "fan_id"),
        sa.CheckConstraint("state IN ('trying', 'recorded', 'in_review', 'refused')", name="part_state_known"),
        sa.CheckConstraint("(state = 'trying') = (happened_at IS NULL)", name="part_answered_at_some_time"),
        sa.CheckConstraint("attempts >= 0", name="attempts_not_negative"),
    )

    id: int = big()
    bucket: int = Field(sa_type=sa.SmallInteger)  # of the fan
    animation_id: int
    fan_id: int = big()
    attempts: int
    state: str
    happened_at: datetime | None = instant(default=None)  # when the answer that counts was given
    quantity: int | None = big(default=None)  # what it is worth, in units
    answer: dict[str, Any] | None = document(default=None)  # only what has to be remembered of it
    activity_id: int | None = big(default=None)  # once recorded
    reviewed_at: datetime | None = instant(default=None)
    reviewed_by: str | None = None
    review_reason: str | None = None
