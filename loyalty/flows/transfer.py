"""A fan gives points to another, where the programme allows it: both are locked, neither is looked up by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Writer
from loyalty.errors import NotFound, Refused
from loyalty.fans import consents, give_codes
from loyalty.fans.register import get_fan
from loyalty.flows.limit import count_failure, refuse_flood
from loyalty.flows.link_code import TooManyCodes
from loyalty.i18n import Words
from loyalty.intake import rate
from loyalty.intake.rate import Limit, TooManyAttempts
from loyalty.ledger import post
from loyalty.programme.find import the_programme
from loyalty.programme.points_policy import Transfers, transfers

GUESSES = Limit(name="give-code", most=10, within=timedelta(hours=1))  # wrong codes typed, by fan
CODES = Limit(name="give-code-shown", most=20, within=timedelta(hours=1))  # by fan


class TransfersNotAllowed(Refused):
    """The programme does not let fans give each other points."""

    code = "transfers_not_allowed"
    status = 403
    words = Words(
        fr="Le programme ne permet pas les dons entre fans.", en="The programme allows no gifts between fans."
    )


class NobodyByThatCode(Refused):
    """No code like that is shown to anybody now; or it is the fan's own."""

    code = "nobody_by_that_code"
    words = Words(
        fr="Ce code n’est pas valable : demandez à la personne de vous en montrer un nouveau.",
        en="This code is not valid: ask the person to show you a new one.",
    )


class CannotGive(Refused):
    """One of the two may not take part, or both are the same fan."""

    code = "cannot_give"
    status = 409
    words = Words(
        fr="Ce don n’est pas possible entre ces deux comptes.",
        en="These two accounts cannot give to each other.",
    )


class TransferTooSmall(Refused):
    """The programme wants more at once."""

    code = "transfer_too_small"
    words = Words(
        fr="On donne au moins {smallest:points} à la fois.",
        en="Nobody gives less than {smallest:points} at once.",
    )


class DailyTransferLimit(Refused):
    """The sender gave as much as one may in a day."""

    code = "daily_transfer_limit"
    status = 409
    words = Words(
        fr="On donne au plus {most:points} par jour : il vous en reste {left:n} à donner aujourd’hui.",
        en="At most {most:points} a day can be given: you have {left:n} left to give today.",
    )


class OwesPoints(Refused):
    """The sender owes points, which come first."""

    code = "owes_points"
    status = 409
    words = Words(
        fr="Vous devez encore {debt:points} : donnez quand ce sera rattrapé.",
        en="You still owe {debt:points}: give once that is made up.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A transfer, and the points the sender can spend after it."""

    id: int
    sender_id: int
    receiver_id: int
    amount: int
    at: datetime
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Whom a code is of; the name, if they chose one, is all that is told."""

    fan_id: int
    name: str | None


def transfer(db: Writer, *, sender_id: int, receiver_id: int, amount: int) -> Given:
    """Give points. Pending, held and status points stay; lots keep their dates.

    Raises:
        NotFound: one of them is no fan, or not any more.
        TransfersNotAllowed, TransferTooSmall, CannotGive, OwesPoints, DailyTransferLimit
        NotEnoughPoints
    """

    def steps(session: Session) -> Given:
        now, rules = clock.now(), transfers(session)
        if not rules.allowed:
            raise TransfersNotAllowed
        if amount < rules.smallest:
            raise TransferTooSmall(smallest=rules.smallest)
        for fan_id in (sender_id, receiver_id):
            get_fan(session, fan_id)
            if consents.has_declined(session, fan_id, consents.AGE):
                raise CannotGive
        if sender_id == receiver_id:
            raise CannotGive
        states = post.lock(session, [sender_id, receiver_id])
        post.refuse_moved(states)
        sender, receiver = states[sender_id], states[receiver_id]
        if sender.debt:
            raise OwesPoints(debt=sender.debt)
        _refuse_beyond_day(session, sender, rules, amount, the_programme(session).zone)
        transfer_id = ids.new()
        post.transfer(session, sender, receiver, amount=amount, cause_id=transfer_id, effective_at=now)
        return Given(
            id=transfer_id,
            sender_id=sender_id,
            receiver_id=receiver_id,
            amount=amount,
            at=now,
            balance=post.spendable(session, sender, at=now),
        )

    return db.write(steps)


def show_give_code(db: Writer, fan_id: int) -> tuple[int, str]:
    """Make a code by which others can give this fan points: its number, and the code as it is told, once.

    Raises:
        TransfersNotAllowed
        TooManyCodes
    """

    def steps(session: Session) -> tuple[int, str]:
        get_fan(session, fan_id)
        if not transfers(session).allowed:
            raise TransfersNotAllowed
        try:
            rate.refuse_flood(session, CODES, str(fan_id))
        except TooManyAttempts:
            raise TooManyCodes(most=CODES.most) from None
        row, code = give_codes.open_code(session, fan_id)
        rate.count(session, CODES, str(fan_id))
        return row.id, code

    return db.write(steps)


def receiver_of(db: Writer, *, sender_id: int, typed: str) -> Receiver:
    """Whom a typed code is of.

    Raises:
        NobodyByThatCode, TooManyAttempts
        TransfersNotAllowed
    """
    with guessing(db, sender_id):
        return db.read(lambda session: find_receiver(session, sender_id=sender_id, typed=typed))


@contextmanager
def guessing(db: Writer, sender_id: int) -> Iterator[None]:
    """Count the wrong codes a fan types, and stop who types too many; right ones are not counted.

    Raises:
        NobodyByThatCode
        TooManyAttempts
    """
    refuse_flood(db, GUESSES, str(sender_id))
    try:
        yield
    except NobodyByThatCode:
        count_failure(db, GUESSES, str(sender_id))
        raise


def find_receiver(session: Session, *, sender_id: int, typed: str) -> Receiver:
    """Whom a typed code is of; to be asked within `guessing`.

    Raises:
        NobodyByThatCode: also for one's own, and when the fan has left.
        TransfersNotAllowed
    """
    if not transfers(session).allowed:
        raise TransfersNotAllowed
    fan_id = give_codes.whose(session, typed)
    if fan_id is None or fan_id == sender_id:
        raise NobodyByThatCode
    try:
        return Receiver(fan_id=fan_id, name=get_fan(session, fan_id).display_name)
    except NotFound:
        raise NobodyByThatCode from None


def _refuse_beyond_day(
    session: Session, sender: post.HolderState, rules: Transfers, amount: int, zone: ZoneInfo
) -> None:
    """Let pass what is within the sender's day; its lock is held, so nobody adds to the sum meanwhile."""
    midnight = clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    left = rules.most_per_day - post.sent_since(session, sender, midnight)
    if amount > left:
        raise DailyTransferLimit(most=rules.most_per_day, left=max(0, left))
