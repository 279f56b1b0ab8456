"""A fan asks about a line of the history, a person answers, and the answer reaches the fan."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from loyalty.activities import browse
from loyalty.db import Writer
from loyalty.errors import NotFound, Refused
from loyalty.fans import disputes
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.fans.register import get_fan
from loyalty.fans.tables import Dispute, Fan
from loyalty.i18n import Words
from loyalty.intake import rate
from loyalty.intake.rate import Limit, TooManyAttempts
from loyalty.ledger import find as ledger
from loyalty.outbox import mail
from loyalty.programme.find import the_programme
from loyalty.staff import audit

A_DAY = Limit(name="dispute", most=5, within=timedelta(days=1))  # by fan
_USEFUL = timedelta(days=7)

SUBJECT = Words(fr="{programme} : la réponse à votre question", en="{programme}: the answer to your question")
TEXT = Words(
    fr="Bonjour,\n\nLe {asked_at:date}, vous nous avez écrit :\n\n{question}\n\nVoici notre réponse :\n\n{answer}\n\n"
    "Elle figure aussi dans votre historique.\n\n{programme}\n",
    en="Hello,\n\nOn {asked_at:date} you wrote to us:\n\n{question}\n\nHere is our answer:\n\n{answer}\n\n"
    "It stands in your history too.\n\n{programme}\n",
)


class TooManyQuestions(Refused):
    """This fan asked as often as one may in a day."""

    code = "too_many_questions"
    status = 429
    words = Words(
        fr="Vous avez posé {most:n} questions aujourd’hui : la suite demain, s’il vous plaît.",
        en="You asked {most:n} questions today: please come back tomorrow for more.",
    )


def contest(db: Writer, *, fan_id: int, about: str, about_id: int, text: str) -> Dispute:
    """Ask about a line: an activity of the fan, or an entry.

    Raises:
        NotFound: there is no such line, or it is not this fan's.
        AlreadyContested
        TooManyOpen
        TooManyQuestions
    """

    def steps(session: Session) -> Dispute:
        get_fan(session, fan_id)
        refuse_not_theirs(session, fan_id=fan_id, about=about, about_id=about_id)
        try:
            rate.refuse_flood(session, A_DAY, str(fan_id))
        except TooManyAttempts:
            raise TooManyQuestions(most=A_DAY.most) from None
        asked = disputes.ask(session, fan_id=fan_id, about=about, about_id=about_id, text=text)
        rate.count(session, A_DAY, str(fan_id))
        return asked

    return db.write(steps)


def answer_dispute(db: Writer, dispute_id: int, *, answer: str, actor: str) -> Dispute:
    """Answer a question; the fan is told by e-mail, in the language of the fan's pages.

    Raises:
        NotFound
        AlreadyAnsweredDispute
    """

    def steps(session: Session) -> Dispute:
        asked = disputes.answer(session, dispute_id, text=answer, by=str(actor))
        fan = session.get_one(Fan, asked.fan_id)
        if fan.email is not None:
            _tell(session, fan.email, fan.language, asked)
        audit.record(  # without the words: they are the fan's, and leave with the fan
            session,
            actor=actor,
            action="dispute.answered",
            subject=f"dispute:{dispute_id}",
            before={"state": "open"},
            after={"state": "answered", "fan": str(asked.fan_id), asked.about: str(asked.about_id)},
        )
        return asked

    return db.write(steps)


def refuse_not_theirs(session: Session, *, fan_id: int, about: str, about_id: int) -> None:
    """Let pass a line of this fan.

    Raises:
        NotFound
    """
    if about == disputes.ENTRY:
        theirs = ledger.line(session, fan_id, about_id) is not None
    else:
        theirs = browse.activity(session, about_id).holder_id in holder_ids_of_fan(session, fan_id)
    if not theirs:
        raise NotFound(what=about)


def _tell(session: Session, recipient: str, language: str, asked: Dispute) -> None:
    programme = the_programme(session)
    said = {
        "programme": programme.name,
        "asked_at": asked.asked_at.astimezone(programme.zone),
        "question": asked.text,
        "answer": asked.answer,
    }
    mail.write(
        session,
        recipient=recipient,
        subject=SUBJECT.say(language, **said),
        text=TEXT.say(language, **said),
        useful_for=_USEFUL,
    )
