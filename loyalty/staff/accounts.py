"""Accounts of staff: made from an invitation, changed, disabled; never deleted, as the audit trail names them."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from loyalty import clock, ids
from loyalty.errors import Conflict, NotFound, Refused
from loyalty.i18n import Words
from loyalty.staff.roles import ADMINISTRATOR
from loyalty.staff.tables import StaffAccount, StaffInvitation

INVITATION_VALID = timedelta(days=3)

_account = StaffAccount.__table__  # type: ignore[attr-defined]
_invitation = StaffInvitation.__table__  # type: ignore[attr-defined]


class InvitationOver(Refused):
    """The link was used, is too old, or was never one."""

    code = "invitation_over"
    status = 410
    words = Words(
        fr="Cette invitation ne sert plus : elle a été utilisée, remplacée, ou elle a plus de trois jours. Demandez-en "
        "une autre à un administrateur.",
        en="This invitation is of no use any more: it was used, replaced, or is over three days old. Ask an "
        "administrator for another.",
    )


class LastAdministrator(Refused):
    """Without an administrator nobody could invite anybody."""

    code = "last_administrator"
    status = 409
    words = Words(
        fr="C’est le dernier administrateur actif : nommez-en un autre d’abord.",
        en="This is the last active administrator: appoint another first.",
    )


def folded(address: str) -> str:
    """The form in which two spellings of one e-mail address are equal."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


def invite(session: Session, *, email: str, name: str, role: str, invited_by: str) -> str:
    """Make a one-time link for somebody; one sent before to the address is worth nothing now.

    Returns:
        its secret, which is kept nowhere.
    """
    now, token, address = clock.now(), ids.secret(), folded(email)
    session.execute(
        sa.update(_invitation)
        .where(_invitation.c.email == address, _invitation.c.used_at.is_(None))
        .values(expires_at=now)
    )
    session.add(
        StaffInvitation(
            id=ids.new(),
            email=address,
            name=name,
            role=role,
            token_hash=_digest(token),
            invited_by=invited_by,
            created_at=now,
            expires_at=now + INVITATION_VALID,
        )
    )
    session.flush()
    return token


def invitation(session: Session, token: str) -> StaffInvitation:
    """The invitation of a link, if it is still good.

    Raises:
        InvitationOver
    """
    found = session.exec(select(StaffInvitation).where(StaffInvitation.token_hash == _digest(token))).one_or_none()
    if found is None or found.used_at is not None or found.expires_at <= clock.now():
        raise InvitationOver
    return found


def accept(session: Session, given: StaffInvitation, *, password_hash: str, language: str) -> StaffAccount:
    """Make the account, or give the one of this address a new password and no second factor yet.

    Raises:
        InvitationOver: somebody was faster.
    """
    used: Any = session.execute(
        sa.update(_invitation)
        .where(_invitation.c.id == given.id, _invitation.c.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if not used.rowcount:
        raise InvitationOver
    known = by_email(session, given.email)
    if known is not None:
        change(
            session, known.id, name=given.name, role=given.role, password_hash=password_hash,
            sealed_totp=None, disabled_at=None,
        )  # fmt: skip
        session.refresh(known)
        return known
    account = StaffAccount(
        id=ids.new(),
        email=given.email,
        name=given.name,
        role=given.role,
        language=language,
        password_hash=password_hash,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:
        raise Conflict(what="e-mail address of another account") from None
    return account


def by_email(session: Session, email: str) -> StaffAccount | None:
    """The account of an address, also when disabled."""
    return session.exec(select(StaffAccount).where(StaffAccount.email == folded(email))).one_or_none()


def get(session: Session, account_id: int) -> StaffAccount:
    """One account, also when disabled.

    Raises:
        NotFound
    """
    found = session.get(StaffAccount, account_id)
    if found is None:
        raise NotFound(what="account")
    return found


def every(session: Session) -> list[StaffAccount]:
    """Every account: active ones first, by name."""
    return list(
        session.exec(select(StaffAccount).order_by(col(StaffAccount.disabled_at).is_not(None), col(StaffAccount.name)))
    )


def open_invitations(session: Session) -> list[StaffInvitation]:
    """Invitations that can still be accepted, the latest first."""
    chosen = select(StaffInvitation).where(
        col(StaffInvitation.used_at).is_(None), col(StaffInvitation.expires_at) > clock.now()
    )
    return list(session.exec(chosen.order_by(col(StaffInvitation.id).desc())))


def change(session: Session, account_id: int, **values: Any) -> None:
    """Change columns of an account."""
    session.execute(sa.update(_account).where(_account.c.id == account_id).values(**values))


def hold_administrators(session: Session) -> list[int]:
    """Lock the active administrators until the transaction ends: two who disable each other cannot both succeed."""
    active = sa.select(_account.c.id).where(_account.c.role == ADMINISTRATOR, _account.c.disabled_at.is_(None))
    return list(session.execute(active.order_by(_account.c.id).with_for_update()).scalars())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
