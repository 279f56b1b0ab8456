"""Staff get in with a password and a second factor, and stay in until they leave or have been away for half an hour."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from loyalty import clock
from loyalty.access import sessions
from loyalty.access.sessions import STAFF, OpenSession
from loyalty.db import Database
from loyalty.errors import Busy, Refused
from loyalty.flows import limit
from loyalty.i18n import Words
from loyalty.intake.rate import Limit
from loyalty.intake.seal import Sealer
from loyalty.programme.find import the_programme
from loyalty.staff import accounts, audit, password, second_factor
from loyalty.staff.audit import Actor
from loyalty.staff.tables import StaffAccount, StaffInvitation

PER_ACCOUNT = Limit(name="staff", most=10, within=timedelta(minutes=5))  # failures, by account
PER_ACCOUNT_DAY = Limit(name="staff-day", most=50, within=timedelta(days=1))
PER_NETWORK = Limit(name="staff-from", most=20, within=timedelta(minutes=5))  # failures, by network address


class SignInRefused(Refused):
    """The address, the password or the code is wrong, or the account is disabled: which of them is not told."""

    code = "sign_in_refused"
    words = Words(
        fr="L’adresse, le mot de passe ou le code n’est pas le bon. Un code ne sert qu’une fois : attendez le suivant.",
        en="The address, the password or the code is not right. A code works only once: wait for the next one.",
    )


class WrongCode(Refused):
    """The code of the app is not the one of this half minute, or was used already."""

    code = "wrong_second_factor"
    words = Words(
        fr="Ce n’est pas le bon code, ou il a déjà servi : attendez le suivant.",
        en="That is not the right code, or it was used already: wait for the next one.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody of the staff in one browser."""

    session_id: int
    account_id: int
    email: str
    name: str
    role: str
    language: str
    has_second_factor: bool
    proved_at: datetime

    def actor(self, address: str | None) -> Actor:
        """How the audit trail names them."""
        return Actor(name_of(self.email), address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Who is trying, for the limits and the list of sessions."""

    network_address: str
    agent: str | None


def name_of(email: str) -> str:
    """How the audit trail names an account."""
    return f"staff:{email}"


def invitation(db: Database, token: str) -> StaffInvitation:
    """What a link invites to; changes nothing.

    Raises:
        InvitationOver
    """
    return db.read(lambda session: accounts.invitation(session, token))


def accept_invitation(db: Database, token: str, *, chosen_password: str, language: str, attempt: Attempt) -> str:
    """Make the account of an invitation and sign its owner in, as far as the second factor's enrolment.

    Returns:
        the session's token.

    Raises:
        InvitationOver
        WeakPassword
    """
    given = invitation(db, token)
    programme = db.read(lambda session: the_programme(session).name)
    password_hash = password.hashed(chosen_password, about=(given.email, given.name, programme))

    def steps(session: Session) -> str:
        account = accounts.accept(
            session, accounts.invitation(session, token), password_hash=password_hash, language=language
        )
        sessions.revoke_all(session, kind=STAFF, subject_id=account.id)
        audit.record(
            session,
            actor=Actor(name_of(account.email), attempt.network_address),
            action="staff.joined",
            subject=name_of(account.email),
            after={"role": account.role},
        )
        return sessions.begin(session, kind=STAFF, subject_id=account.id, agent=attempt.agent)

    return db.write(steps)


def sign_in(db: Database, sealer: Sealer, *, email: str, given_password: str, code: str, attempt: Attempt) -> str:
    """Sign somebody in; returns the session's token.

    Args:
        code: of the app, or a recovery code. Who has not enrolled a second factor yet needs none, and gets no further
            than that.

    Raises:
        SignInRefused
        TooManyAttempts
    """
    address = accounts.folded(email)
    whose = hashlib.sha256(address.encode()).hexdigest()[:32]
    counted = ((PER_ACCOUNT, whose), (PER_ACCOUNT_DAY, whose), (PER_NETWORK, attempt.network_address))
    for each, who in counted:
        limit.refuse_flood(db, each, who)
    account = db.read(lambda session: accounts.by_email(session, address))
    right = password.is_right(given_password, None if account is None else account.password_hash)

    def steps(session: Session) -> str | None:
        assert account is not None
        if not _second_factor(session, sealer, account, code):
            return None
        now = clock.now()
        accounts.change(session, account.id, last_signed_in_at=now)
        return sessions.begin(session, kind=STAFF, subject_id=account.id, agent=attempt.agent)

    token = db.write(steps) if right and account is not None and account.disabled_at is None else None
    if token is None:
        for each, who in counted:
            limit.count_failure(db, each, who)
        raise SignInRefused
    return token


def staff_member(db: Database, token: str, *, is_at_it: bool = True) -> StaffMember | None:
    """Whose session this token is, if it is good now.

    Args:
        is_at_it: whether this is activity of theirs, which keeps the session open.
    """

    def steps(session: Session) -> tuple[OpenSession, StaffAccount] | None:
        found = sessions.find(session, kind=STAFF, token=token)
        account = session.get(StaffAccount, found.subject_id) if found else None
        return None if found is None or account is None or account.disabled_at is not None else (found, account)

    known = db.read(steps)
    if known is None:
        return None
    found, account = known
    if found.is_stale and is_at_it:
        with contextlib.suppress(Busy):
            db.write(lambda session: sessions.note_seen(session, [found.id]))
    return StaffMember(
        session_id=found.id,
        account_id=account.id,
        email=account.email,
        name=account.name,
        role=account.role,
        language=account.language,
        has_second_factor=account.sealed_totp is not None,
        proved_at=found.proved_at,
    )


def prove(db: Database, sealer: Sealer, member: StaffMember, *, code: str) -> None:
    """Show again who one is, before something grave.

    Raises:
        WrongCode
        TooManyAttempts
    """
    who = str(member.account_id)
    limit.refuse_flood(db, PER_ACCOUNT, who)

    def steps(session: Session) -> bool:
        proved = _second_factor(session, sealer, accounts.get(session, member.account_id), code)
        if proved:
            sessions.note_proved(session, member.session_id)
        return proved

    if not db.write(steps):
        limit.count_failure(db, PER_ACCOUNT, who)
        raise WrongCode


def enrol_second_factor(db: Database, sealer: Sealer, member: StaffMember, *, secret: str, code: str) -> list[str]:
    """Bind an app that shows the codes of `secret`; whoever has a second factor keeps it.

    Returns:
        recovery codes, shown this once.

    Raises:
        WrongCode: the app does not show what it should, or there is a second factor already.
    """
    step = second_factor.matching_step(secret, code)
    if step is None or member.has_second_factor:
        raise WrongCode
    sealed = sealer.seal([secret])

    def steps(session: Session) -> list[str]:
        accounts.change(session, member.account_id, sealed_totp=sealed, totp_step=step)
        audit.record(
            session,
            actor=name_of(member.email),
            action="staff.second_factor_enrolled",
            subject=name_of(member.email),
        )
        return second_factor.new_recovery_codes(session, member.account_id)

    return db.write(steps)


def renew_recovery_codes(db: Database, member: StaffMember) -> list[str]:
    """Ten other recovery codes, shown this once."""

    def steps(session: Session) -> list[str]:
        audit.record(
            session,
            actor=name_of(member.email),
            action="staff.recovery_codes_renewed",
            subject=name_of(member.email),
        )
        return second_factor.new_recovery_codes(session, member.account_id)

    return db.write(steps)


def codes_of_demonstration(db: Database, sealer: Sealer) -> dict[str, str]:
    """What the app of each account shows now: for a demonstration, where nobody has a phone for Odile."""
    accounts_there = db.read(accounts.every)
    return {
        each.email: second_factor.code_now(sealer.open(each.sealed_totp)[0])
        for each in accounts_there
        if each.sealed_totp is not None
    }


def sign_out(db: Database, token: str) -> None:
    """End one session."""
    db.write(lambda session: sessions.revoke(session, kind=STAFF, token=token))


def _second_factor(session: Session, sealer: Sealer, account: StaffAccount, code: str) -> bool:
    if account.sealed_totp is None:
        return True
    (secret,) = sealer.open(account.sealed_totp)
    step = second_factor.matching_step(secret, code)
    if step is not None:
        return second_factor.use_step(session, account.id, step)
    return second_factor.use_recovery_code(session, account.id, code)
