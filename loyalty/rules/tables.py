"""Rules, their immutable revisions, what each has spent of its budget and given to each holder."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, document, instant, strict


class Rule(SQLModel, table=True):
    """The thread that ties revisions together."""

    __table_args__ = strict(sa.CheckConstraint("points_issued >= 0", name="budget_use_not_negative"))

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    created_at: datetime = instant()
    is_budgeted: bool = False  # a revision of it has a budget, or had: then everybody is counted in this row
    points_issued: int = big(default=0)  # 0 while they are counted in `RuleIssued`


class RuleIssued(SQLModel, table=True):
    """What a rule without a budget gave in transactions of one bucket, less what was taken back: see issued.py."""

    __tablename__ = "rule_issued"
    __table_args__ = strict(sa.PrimaryKeyConstraint("rule_id", "bucket"))

    rule_id: int
    bucket: int = Field(sa_type=sa.SmallInteger)  # one of those that were locked; only the sum means anything
    points: int = big()


class RuleRevision(SQLModel, table=True):
    """What a rule says from one instant on. Immutable by trigger: an edit is the next revision."""

    __tablename__ = "rule_revision"
    __table_args__ = strict(sa.UniqueConstraint("rule_id", "number"))

    id: int | None = Field(default=None, primary_key=True)
    rule_id: int = Field(foreign_key="rule.id")
    number: int
    body: dict[str, Any] = document()  # see rules/schema.py
    in_force_from: datetime = instant()
    created_at: datetime = instant()
    created_by: str
    reason: str | None = None


class RuleDraft(SQLModel, table=True):
    """A revision somebody wrote and did not put in force: for another to read, try and publish."""

    __tablename__ = "rule_draft"
    __table_args__ = strict(
        sa.CheckConstraint("decision IN ('published', 'discarded')", name="draft_decision_known"),
        sa.Index("rule_draft_of_rule", "slug", "id"),
    )

    id: int = big(primary_key=True)
    slug: str
    body: dict[str, Any] = document()
    based_on: int  # the number of the revision it was written over; 0: the rule is new
    note: str | None = None
    created_by: str
    created_at: datetime = instant()
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = instant(default=None)


class RuleTally(SQLModel, table=True):
    """What one rule gave one holder on one local day, less what was taken back: what caps are compared with.

    A week or "ever" is a sum of days, so that a cap added later counts what came before it.
    """

    __tablename__ = "rule_tally"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("holder_id", "local_day", "rule_id", "bucket"),
        sa.CheckConstraint("points >= 0 AND times >= 0", name="tally_not_negative"),
    )

    holder_id: int = big()
    points: int = big(default=0)
    rule_id: int
    local_day: int  # 20261123
    times: int = 0
    bucket: int = Field(sa_type=sa.SmallInteger)
