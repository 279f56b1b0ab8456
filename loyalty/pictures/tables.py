"""Pictures, as we made them anew from what was uploaded."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class Picture(SQLModel, table=True):
    """One picture; the same one twice is one row. Its bytes are in the database, so that one backup holds all."""

    __table_args__ = strict(sa.CheckConstraint("width > 0 AND height > 0", name="picture_has_a_size"))

    id: int = big(primary_key=True)
    sha256: str = Field(unique=True)  # of the body
    media_type: str
    width: int
    height: int
    body: bytes = Field(sa_type=sa.LargeBinary)
    small: bytes = Field(sa_type=sa.LargeBinary)  # the same a few kilobytes light, for cards and for the brand's mark
    created_at: datetime = instant()
