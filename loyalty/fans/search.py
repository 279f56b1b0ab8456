"""Fans as staff look for them: by name, address, reference, number or network account."""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.db import is_sqlite
from loyalty.fans.identities import OWN_NETWORK
from loyalty.fans.tables import Fan, Identity

SHORTEST = 2  # characters: fewer would find everybody
_ACCENTS, _PLAIN = "àâäçéèêëîïôöùûüÿ", "aaaceeeeiioouuuy"
_fan = Fan.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]


def fans(session: Session, *, limit: int, sought: str = "", below_id: int | None = None) -> list[Fan]:
    """The fans that answer to what is sought, who came last first; all of them when nothing is.

    Who was erased or merged into another is left out, unless sought by number.
    """
    chosen = select(Fan).order_by(col(Fan.id).desc()).limit(limit)
    if below_id is not None:
        chosen = chosen.where(col(Fan.id) < below_id)
    present = sa.and_(col(Fan.erased_at).is_(None), col(Fan.merged_into).is_(None))
    if not sought:
        return list(session.exec(chosen.where(present)))
    folded = fold(sought)
    named = col(Fan.id).in_(_named(session, _fan.c.id, _fan.c.display_name, folded))
    written = [sa.func.lower(column).contains(folded, autoescape=True) for column in (Fan.email, Fan.reference)]
    accounts = _fan_ids_of_accounts(session, sought.strip(), folded)
    found = sa.and_(present, sa.or_(named, *written, col(Fan.id).in_(accounts)))
    if sought.strip().isascii() and sought.strip().isdecimal() and len(sought.strip()) < 19:
        found = sa.or_(found, col(Fan.id) == int(sought))
    return list(session.exec(chosen.where(found)))


def fold(text: str) -> str:
    """In lower case and without accents: "Inès" is found by "ines"."""
    apart = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))


def networks_of(session: Session, fan_ids: list[int]) -> dict[int, list[str]]:
    """The networks each of these fans has an account of."""
    chosen = (
        sa.select(col(Identity.fan_id), col(Identity.network))
        .where(
            col(Identity.fan_id).in_(fan_ids),
            col(Identity.network) != OWN_NETWORK,
            col(Identity.unlinked_at).is_(None),
        )
        .order_by(col(Identity.network))
        .distinct()
    )
    found: dict[int, list[str]] = {}
    for fan_id, network in session.execute(chosen):
        found.setdefault(fan_id, []).append(network)
    return found


def _fan_ids_of_accounts(session: Session, sought: str, folded: str) -> sa.Select[Any]:
    """By the whole identifier of an account, or by a part of the name it shows."""
    named = _identity.c.id.in_(_named(session, _identity.c.id, _identity.c.name, folded))
    return sa.select(_identity.c.fan_id).where(
        _identity.c.fan_id.is_not(None), sa.or_(_identity.c.external_id == sought, named)
    )


def _named(session: Session, number: sa.Column[int], name: sa.Column[str], folded: str) -> sa.Select[Any]:
    """The numbers of the rows whose name holds what is sought, whatever its accents."""
    if not is_sqlite(session):
        plain: sa.ColumnElement[str] = sa.func.translate(sa.func.lower(name), _ACCENTS, _PLAIN)
        return sa.select(number).where(plain.contains(folded, autoescape=True))
    # SQLite lowers ASCII only, knows no translate(), and nests few calls: capitals first, then the small letters.
    once = sa.select(number.label("number"), _replaced(name, _ACCENTS.upper()).label("name")).subquery()
    plain = sa.func.lower(_replaced(once.c.name, _ACCENTS))
    return sa.select(once.c.number).where(plain.contains(folded, autoescape=True))


def _replaced(text: sa.ColumnElement[str], accents: str) -> sa.ColumnElement[str]:
    for accented, plain in zip(accents, _PLAIN, strict=True):
        text = sa.func.replace(text, accented, plain)
    return text
