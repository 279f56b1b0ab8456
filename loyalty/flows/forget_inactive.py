"""Who gave no sign of life for years is warned, then forgotten; the ledger keeps its figures, of nobody.

CNIL, "référentiel relatif aux traitements de données pour la gestion commerciale": three years after the last contact.
Each fan is one transaction, and what is done is not found again: it may be killed, and may run twice at once.
"""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database, Joined
from loyalty.fans import erase, seen
from loyalty.flows.erase import erase_fan
from loyalty.flows.piecemeal import in_pieces
from loyalty.i18n import Words
from loyalty.outbox import mail
from loyalty.programme.find import the_programme
from loyalty.rewards import inactive

NOTICE = timedelta(days=30)
ACTOR = "job:forget-inactive"
_AT_ONCE = 200

SUBJECT = Words(
    fr="{programme} : votre compte sera effacé le {on:date}", en="{programme}: your account is erased on {on:date}"
)
TEXT = Words(
    fr="Bonjour,\n\nVous n’êtes pas venu depuis près de {months:n} mois. Nous ne gardons pas les données de celles et "
    "ceux qui ne viennent plus : le {on:date}, votre compte et ce qu’il contient seront effacés.\n\nPour le garder, "
    "connectez-vous une fois. Il n’y a rien d’autre à faire.\n\n{programme}\n",
    en="Hello,\n\nYou have not been here for nearly {months:n} months. We do not keep the data of people who come no "
    "more: on {on:date} your account and what is in it will be erased.\n\nTo keep it, sign in once. There is nothing "
    "else to do.\n\n{programme}\n",
)


def forget_inactive(db: Database) -> int:
    """Warn the fans who are due within thirty days, erase those who were warned and stayed away. Returns how many of
    both, and of accounts that were nobody's."""
    now = clock.now()
    months = db.read(lambda session: the_programme(session).forget_after_months)
    unseen_since = months_before(now, months)
    return _warn(db, unseen_since + NOTICE, now) + _forget(db, unseen_since, now) + _forget_accounts(db, unseen_since)


def months_before(at: datetime, months: int) -> datetime:
    """The same day so many months earlier; the last of its month where there is no such day."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def _warn(db: Database, unseen_since: datetime, now: datetime) -> int:
    def steps(session: Session) -> int:
        found = inactive.to_warn(session, unseen_since=unseen_since, limit=_AT_ONCE)
        warned = seen.note_warned(session, [row.id for row in found], now=now)
        programme = the_programme(session)
        said = {
            "programme": programme.name,
            "months": programme.forget_after_months,
            "on": (now + NOTICE).astimezone(programme.zone),
        }
        for row in found:
            if row.id in warned and row.email is not None:
                mail.write(
                    session,
                    recipient=row.email,
                    subject=SUBJECT.say(row.language, **said),
                    text=TEXT.say(row.language, **said),
                    useful_for=NOTICE,
                )
        return len(found)

    return in_pieces(db, steps, at_once=_AT_ONCE)


def _forget(db: Database, unseen_since: datetime, now: datetime) -> int:
    due = partial(inactive.to_forget, unseen_since=unseen_since, warned_before=now - NOTICE)

    def erase_if_due(session: Session, fan_id: int) -> bool:
        if not due(session, limit=1, fan_id=fan_id):
            return False  # came back, or was erased meanwhile
        erase_fan(Joined(session), fan_id=fan_id, actor=ACTOR)
        return True

    total = 0
    while found := db.read(lambda session: due(session, limit=_AT_ONCE)):
        done = sum(db.write(partial(erase_if_due, fan_id=fan_id)) for fan_id in found)
        if not done:
            break
        total += done
    return total


def _forget_accounts(db: Database, unseen_since: datetime) -> int:
    def steps(session: Session) -> int:
        found = inactive.accounts_to_forget(session, unseen_since=unseen_since, limit=_AT_ONCE)
        erase.pseudonymise_accounts(session, found)
        return len(found)

    return in_pieces(db, steps, at_once=_AT_ONCE)
