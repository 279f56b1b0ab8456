"""An administrator invites people, changes what they may do, and takes it away; each at once ends their sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.access import sessions
from loyalty.access.sessions import STAFF
from loyalty.db import Writer
from loyalty.flows.staff_access import name_of
from loyalty.staff import accounts, audit
from loyalty.staff.tables import StaffAccount

PATH = "/admin/join/"


def invite_staff(db: Writer, *, email: str, name: str, role: str, public_url: str, actor: str) -> str:
    """A one-time link with which somebody makes their account, good for three days; also for a lost password.

    Returns:
        the link, which is kept nowhere.
    """

    def steps(session: Session) -> str:
        token = accounts.invite(session, email=email, name=name, role=role, invited_by=str(actor))
        audit.record(
            session,
            actor=actor,
            action="staff.invited",
            subject=name_of(accounts.folded(email)),
            after={"name": name, "role": role},
        )
        return f"{public_url}{PATH}{token}"

    return db.write(steps)


def change_role(db: Writer, *, account_id: int, role: str, actor: str, reason: str | None = None) -> None:
    """Give an account another role; its sessions end.

    Raises:
        NotFound
        LastAdministrator
    """
    _change(db, account_id, "role_changed", lambda _: {"role": role}, actor=actor, reason=reason)


def disable_staff(db: Writer, *, account_id: int, actor: str, reason: str) -> None:
    """Shut an account out, at once; again changes nothing.

    Raises:
        NotFound
        LastAdministrator
    """
    _change(
        db,
        account_id,
        "disabled",
        lambda account: {"disabled_at": account.disabled_at or clock.now()},
        actor=actor,
        reason=reason,
    )


def end_sessions(db: Writer, *, account_id: int, actor: str, session_id: int | None = None) -> None:
    """End one session of an account, or all of them.

    Raises:
        NotFound
    """

    def steps(session: Session) -> None:
        account = accounts.get(session, account_id)
        if session_id is None:
            sessions.revoke_all(session, kind=STAFF, subject_id=account_id)
        else:
            sessions.revoke_one(session, kind=STAFF, subject_id=account_id, session_id=session_id)
        audit.record(session, actor=actor, action="staff.signed_out", subject=name_of(account.email))

    db.write(steps)


def choose_language(db: Writer, *, account_id: int, language: str) -> None:
    """Speak another language with somebody of the staff."""
    db.write(lambda session: accounts.change(session, account_id, language=language))


def _change(
    db: Writer,
    account_id: int,
    done: str,
    values: Callable[[StaffAccount], dict[str, Any]],
    *,
    actor: str,
    reason: str | None,
) -> None:
    def steps(session: Session) -> None:
        administrators = accounts.hold_administrators(session)
        account = accounts.get(session, account_id)
        before = _described(account)
        accounts.change(session, account_id, **values(account))
        session.refresh(account)
        after = _described(account)
        if before == after:
            return
        if administrators == [account_id]:
            raise accounts.LastAdministrator
        sessions.revoke_all(session, kind=STAFF, subject_id=account_id)
        audit.record(
            session,
            actor=actor,
            action=f"staff.{done}",
            subject=name_of(account.email),
            before=before,
            after=after,
            reason=reason,
        )

    db.write(steps)


def _described(account: StaffAccount) -> dict[str, Any]:
    return {"role": account.role, "disabled": account.disabled_at is not None}
