"""Pictures, to be looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.errors import NotFound
from loyalty.pictures.tables import Picture

_picture = Picture.__table__  # type: ignore[attr-defined]
_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture as a page shows it; its address changes with its content.

    Attributes:
        width, height: in pixels, so that nothing jumps while it comes.
    """

    id: int
    digest: str
    width: int
    height: int


def shown(session: Session, picture_ids: Iterable[int | None]) -> dict[int, Shown]:
    """Those of these pictures that there are, by number."""
    wanted = [each for each in picture_ids if each is not None]
    if not wanted:
        return {}
    chosen = sa.select(_picture.c.id, _picture.c.sha256, _picture.c.width, _picture.c.height)
    return {
        row.id: Shown(id=row.id, digest=row.sha256[:_DIGITS], width=row.width, height=row.height)
        for row in session.execute(chosen.where(bulk.one_of(session, _picture.c.id, wanted)))
    }


def body(session: Session, picture_id: int, digest: str, *, small: bool = False) -> tuple[bytes, str]:
    """The bytes of a picture, and what they are.

    Raises:
        NotFound: there is none, or its content is another.
    """
    wanted = _picture.c.small if small else _picture.c.body
    chosen = sa.select(wanted, _picture.c.media_type, _picture.c.sha256).where(_picture.c.id == picture_id)
    row = session.execute(chosen).one_or_none()
    if row is None or row.sha256[:_DIGITS] != digest:
        raise NotFound(what="picture")
    return bytes(row[0]), row.media_type
