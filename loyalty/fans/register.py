"""A person becomes a fan."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from loyalty import ids
from loyalty.errors import Conflict, NotFound
from loyalty.fans.identities import OWN_NETWORK
from loyalty.fans.tables import Fan, Identity


def add_fan(
    session: Session,
    *,
    reference: str | None,
    display_name: str | None,
    email: str | None,
    language: str,
    now: datetime,
) -> Fan:
    """Make a fan, and the identity under which the station's own pages name this fan.

    Raises:
        Conflict: the reference or the e-mail address is another fan's.
    """
    fan_id = ids.new()
    bucket = ids.bucket_of(fan_id)
    fan = Fan(
        id=fan_id,
        bucket=bucket,
        reference=reference,
        display_name=display_name,
        email=folded_email(email) if email else None,
        language=language,
        created_at=now,
    )
    session.add(fan)
    session.add(
        Identity(
            id=ids.new(),
            network=OWN_NETWORK,
            external_id=str(fan_id),
            holder_id=fan_id,
            bucket=bucket,
            fan_id=fan_id,
            first_seen_at=now,
            linked_at=now,
        )
    )
    try:
        session.flush()
    except IntegrityError:
        raise Conflict(what="reference or e-mail address of another fan") from None
    return fan


def get_fan(session: Session, fan_id: int) -> Fan:
    """The fan of this number.

    Raises:
        NotFound: nobody has it, the person was erased, or turned out to be another fan.
    """
    fan = session.get(Fan, fan_id)
    if fan is None or fan.erased_at is not None or fan.merged_into is not None:
        raise NotFound(what="fan")
    return fan


def present_fan(session: Session, fan_id: int) -> Fan:
    """The fan of this number, or the one it turned out to be.

    Raises:
        NotFound
    """
    fan = session.get(Fan, fan_id)
    return get_fan(session, fan_id if fan is None or fan.merged_into is None else fan.merged_into)


def folded_email(address: str) -> str:
    """The form in which two spellings of one address are equal."""
    return unicodedata.normalize("NFKC", address).strip().casefold()
