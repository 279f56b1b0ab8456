"""The few column shapes every table is made of."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.db import JSON, NAMES, Digest, UTCDateTime

SQLModel.metadata.naming_convention = NAMES


def big(**options: Any) -> Any:
    """A 64-bit whole number: every identifier made by `ids`, every amount."""
    if options.get("primary_key"):
        options["sa_column_kwargs"] = {"autoincrement": False}
    return Field(sa_type=sa.BigInteger, **options)


def instant(**options: Any) -> Any:
    """An instant in UTC."""
    return Field(sa_type=UTCDateTime, **options)


def document(**options: Any) -> Any:
    """A JSON document."""
    return Field(sa_type=JSON, **options)


def strict(*constraints: Any) -> tuple[Any, ...]:
    """`__table_args__` of a table that keeps the types it declares, on SQLite too."""
    return (*constraints, {"sqlite_strict": True})


def digest(**options: Any) -> Any:
    """A digest, in hexadecimal digits."""
    return Field(sa_type=Digest, **options)
