"""Figures by day."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, strict


class DayFigure(SQLModel, table=True):
    """One figure of one day of the programme, by when it was recorded: a day that is over does not change."""

    __tablename__ = "day_figure"
    __table_args__ = strict(sa.PrimaryKeyConstraint("measure", "day", "key"))

    day: int  # 20261123, in the programme's zone
    measure: str  # what is counted: see figures/count.py
    key: str = Field(default="")  # of which slice: a network, a cause
    amount: int = big()
