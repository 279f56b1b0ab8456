"""Activities and withdrawals."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class Activity(SQLModel, table=True):
    """One participation. Its facts never change; its outcome does, if the act is withdrawn or judged again.

    What was written is not kept: only how much effort it was (`words`) and a digest to recognise copies.
    """

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "bucket"),
        sa.UniqueConstraint("act_key", "bucket", name="activity_once"),
        sa.Index("activity_of_holder_by_day", "holder_id", "local_day"),
        sa.CheckConstraint(
            "outcome IN ('awarded', 'refused', 'measured', 'withdrawn')", name="activity_has_one_outcome"
        ),
    )

    id: int = big()
    bucket: int = Field(sa_type=sa.SmallInteger)
    holder_id: int = big()  # at the time; the identity knows who holds now
    identity_id: int = big()
    act_key: str  # the natural key, digested: see activities/fact.py
    fingerprint: str  # of the content, to refuse another content under the same key
    source: str  # who told us: "api", "hook:twitch/main", "import:<file>"
    network: str
    kind: str
    object: str
    external_id: str | None = None
    campaign: str | None = None
    show: str | None = None
    quantity: int = big()
    words: int | None = None
    text_digest: str | None = None
    happened_at: datetime = instant()
    recorded_at: datetime = instant()
    local_day: int  # 20261123: the day it happened, in the programme's zone
    outcome: str
    reason: str
    points: int = big()
    status_points: int = big()
    verdicts_digest: str  # of `Verdicts`


class Verdicts(SQLModel, table=True):
    """One verdict for each rule, as many activities got them: most are judged alike, and kept once."""

    __table_args__ = strict()

    digest: str = Field(primary_key=True)  # of the JSON text
    verdicts: list[Any] = Field(sa_type=sa.JSON)


class Withdrawal(SQLModel, table=True):
    """The network said that an act, or part of it, is no more. It may come before the act: then it waits."""

    __table_args__ = strict(
        sa.UniqueConstraint("act_key", "withdrawn_quantity", name="withdrawal_once"),
        sa.Index("withdrawal_waiting", "applied_at"),
        sa.CheckConstraint("withdrawn_quantity >= 0", name="withdrawn_quantity_not_negative"),
    )

    id: int = big(primary_key=True)
    act_key: str
    withdrawn_quantity: int = big()  # so far, in all; 0 means the whole act
    source: str
    happened_at: datetime = instant()
    recorded_at: datetime = instant()
    applied_at: datetime | None = instant(default=None)
    points_reversed: int = big(default=0)
