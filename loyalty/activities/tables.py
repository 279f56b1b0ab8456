"""Activities and withdrawals.

Not cut by month: every key of a table that is cut on PostgreSQL must contain what it is cut by, and an act is recorded
once for ever, whatever its month. A slim table of keys beside the months would hold that, for a fifth more to write and
a fifth more to store; and no month could be dropped for it, since each entry is proved by its activity, and the same
message gets the same answer years later. What is dropped when it is old are the raw bodies of deliveries.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, digest, instant, strict


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

    # The widest first, as in the journal.
    id: int = big()
    holder_id: int = big()  # at the time; the identity knows who holds now
    identity_id: int = big()
    quantity: int = big()
    points: int = big()
    status_points: int = big()
    happened_at: datetime = instant()
    recorded_at: datetime = instant()
    local_day: int  # 20261123: the day it happened, in the programme's zone
    words: int | None = None
    bucket: int = Field(sa_type=sa.SmallInteger)
    act_key: str = digest()  # the natural key: see activities/fact.py
    fingerprint: str = digest()  # of the content, to refuse another content under the same key
    verdicts_digest: str = digest()  # of `Verdicts`
    source: str  # who told us: "api", "hook:twitch/main", "import:<file>"
    network: str
    kind: str
    object: str
    outcome: str
    reason: str
    external_id: str | None = None
    campaign: str | None = None
    show: str | None = None
    text_digest: str | None = digest(default=None)


class Verdicts(SQLModel, table=True):
    """One verdict for each rule, as many activities got them: most are judged alike, and kept once."""

    __table_args__ = strict()

    digest: str = digest(primary_key=True)  # of the JSON text
    verdicts: list[Any] = Field(sa_type=sa.JSON)


class Withdrawal(SQLModel, table=True):
    """The network said that an act, or part of it, is no more. It may come before the act: then it waits."""

    __table_args__ = strict(
        sa.UniqueConstraint("act_key", "withdrawn_quantity", name="withdrawal_once"),
        sa.Index("withdrawal_waiting", "applied_at"),
        sa.CheckConstraint("withdrawn_quantity >= 0", name="withdrawn_quantity_not_negative"),
    )

    id: int = big(primary_key=True)
    act_key: str = digest()
    withdrawn_quantity: int = big()  # so far, in all; 0 means the whole act
    source: str
    happened_at: datetime = instant()
    recorded_at: datetime = instant()
    applied_at: datetime | None = instant(default=None)
    points_reversed: int = big(default=0)
