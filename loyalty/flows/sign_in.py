"""A fan gets in: an address is asked for, proved by what was e-mailed to it, and opens a session or a new account.

A known and an unknown address take the same steps until the address is proved: nobody learns who is a fan.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from loyalty import clock
from loyalty.access import codes, sessions
from loyalty.access.tables import SignIn
from loyalty.db import Database, Joined
from loyalty.errors import Refused
from loyalty.fans import age, consents, find, seen
from loyalty.fans.register import folded_email
from loyalty.flows.link import register
from loyalty.i18n import Words
from loyalty.intake import rate
from loyalty.intake.rate import Limit
from loyalty.outbox import mail
from loyalty.programme.find import the_programme

PER_ADDRESS = Limit(name="sign-in", most=3, within=timedelta(minutes=15))
PER_NETWORK = Limit(name="sign-in-from", most=10, within=timedelta(hours=1))
GUESSES = Limit(name="sign-in-guess", most=20, within=timedelta(hours=1))  # wrong codes, by network address

SUBJECT = Words(fr="{code} : votre code pour {programme}", en="{code}: your code for {programme}")
TEXT = Words(
    fr="Bonjour,\n\nVoici de quoi vous connecter à {programme} :\n\n    {code}\n\nSur l’appareil où vous l’avez "
    "demandé, ce lien suffit :\n{link}\n\nLe code et le lien servent une seule fois, dans les {minutes:n} minutes. Si "
    "vous n’avez rien demandé, ignorez ce message : personne ne peut entrer sans lui.\n\n{programme}\n",
    en="Hello,\n\nHere is your way in to {programme}:\n\n    {code}\n\nOn the device where you asked for it, this "
    "link is enough:\n{link}\n\nThe code and the link work once, within {minutes:n} minutes. If you did not ask for "
    "anything, ignore this message: nobody can get in without it.\n\n{programme}\n",
)


class SignInOver(Refused):
    """The link or the code was used, is too old, or was guessed at too often."""

    code = "sign_in_over"
    status = 410
    words = Words(
        fr="Ce lien ou ce code ne sert plus : il a été utilisé, ou il a plus de dix minutes. Demandez-en un autre.",
        en="This link or code is of no use any more: it was used, or is over ten minutes old. Please ask for another.",
    )


class WrongSignInCode(Refused):
    """The code is not the one that was e-mailed."""

    code = "wrong_sign_in_code"
    words = Words(
        fr="Ce n’est pas le bon code. Vérifiez les six chiffres de notre dernier message.",
        en="That is not the right code. Check the six digits of our latest message.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A sign-in that is under way, and what its browser has to keep."""

    sign_in_id: int
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What the proof of an address led to: a session of a fan, or a form to fill in for somebody new."""

    token: str | None = None
    to_finish: Asked | None = None


def ask(db: Database, *, email: str, language: str, network_address: str, public_url: str, secret_key: str) -> Asked:
    """E-mail a code and a link to an address.

    Raises:
        TooManyAttempts: it was asked too often for this address, or from this network address.
    """
    address = folded_email(email)
    # Who asked is counted for a day; the address itself need not be known for that.
    whose = hashlib.sha256(address.encode()).hexdigest()[:32]

    def steps(session: Session) -> Asked:
        for limit, who in ((PER_ADDRESS, whose), (PER_NETWORK, network_address)):
            rate.refuse_flood(session, limit, who)
            rate.count(session, limit, who)
        opened = codes.open_sign_in(session, email=address, secret_key=secret_key)
        said = {
            "programme": the_programme(session).name,
            "code": opened.code,
            "link": f"{public_url}/sign-in/link/{opened.link}",
            "minutes": codes.VALID.seconds // 60,
        }
        mail.write(
            session,
            recipient=address,
            subject=SUBJECT.say(language, **said),
            text=TEXT.say(language, **said),
            useful_for=codes.VALID,
        )
        return Asked(sign_in_id=opened.id, browser=opened.browser)

    return db.write(steps)


def needs_code(db: Database, *, link: str, browser: str | None) -> bool:
    """Whether a link has to come with its code, as it was opened in another browser; changes nothing.

    Raises:
        SignInOver
    """

    def steps(session: Session) -> bool:
        return not codes.asked_by(_good(codes.by_link(session, link)), browser)

    return db.read(steps)


def follow(db: Database, *, link: str, browser: str | None, code: str, secret_key: str, agent: str | None) -> Entered:
    """Consume a link; elsewhere than in the browser that asked, with its code.

    Raises:
        SignInOver
        WrongSignInCode: the guess was counted.
    """

    def steps(session: Session) -> Entered | None:
        sign_in = _good(codes.by_link(session, link))
        proved = codes.asked_by(sign_in, browser) or codes.guess(session, sign_in, code, secret_key=secret_key)
        return _enter(session, sign_in, agent) if proved else None

    return _or_wrong(db.write(steps))


def type_code(db: Database, asked: Asked, *, code: str, secret_key: str, agent: str | None) -> Entered:
    """Consume a code, in the browser that asked for it.

    Raises:
        SignInOver
        WrongSignInCode: the guess was counted.
    """

    def steps(session: Session) -> Entered | None:
        sign_in = _good(codes.by_id(session, asked.sign_in_id, browser=asked.browser))
        return _enter(session, sign_in, agent) if codes.guess(session, sign_in, code, secret_key=secret_key) else None

    return _or_wrong(db.write(steps))


def join(
    db: Database,
    asked: Asked,
    *,
    display_name: str,
    birth_year: int,
    newsletter: bool,
    language: str,
    agent: str | None,
) -> str:
    """Make a fan of somebody who proved an address, and sign this fan in; returns the session's token.

    Raises:
        SignInOver
        TooYoung
        Conflict: the address became a fan's meanwhile.
    """

    def steps(session: Session) -> str:
        age.refuse_too_young(birth_year, now=clock.now())
        sign_in = _good(codes.by_id(session, asked.sign_in_id, browser=asked.browser))
        if sign_in.proved_at is None or not codes.use(session, sign_in):
            raise SignInOver
        fan = register(
            Joined(session), display_name=display_name, email=sign_in.email, language=language, actor="fan:new"
        )
        for purpose, given in ((consents.TERMS, True), (consents.AGE, True), (consents.NEWSLETTER, newsletter)):
            consents.answer(session, fan_id=fan.id, purpose=purpose, given=given)
        seen.note_seen(session, [fan.id])
        return sessions.begin(session, kind=sessions.FAN, subject_id=fan.id, agent=agent)

    return db.write(steps)


def _good(sign_in: SignIn | None) -> SignIn:
    if sign_in is None:
        raise SignInOver
    return sign_in


def _enter(session: Session, sign_in: SignIn, agent: str | None) -> Entered:
    fan = find.by_email(session, sign_in.email)
    if fan is None:
        return Entered(to_finish=Asked(sign_in_id=sign_in.id, browser=codes.prove(session, sign_in)))
    if not codes.use(session, sign_in):
        raise SignInOver
    seen.note_seen(session, [fan.id])
    return Entered(token=sessions.begin(session, kind=sessions.FAN, subject_id=fan.id, agent=agent))


def _or_wrong(entered: Entered | None) -> Entered:
    """A wrong code is refused only here: the guess it was must be committed."""
    if entered is None:
        raise WrongSignInCode
    return entered
