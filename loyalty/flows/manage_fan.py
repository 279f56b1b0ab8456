"""A fan says what to be called, in which language, and whether to receive news."""

from __future__ import annotations

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.fans import consents
from loyalty.fans.register import get_fan


def change_profile(db: Writer, *, fan_id: int, display_name: str | None, language: str, newsletter: bool) -> None:
    """Change what a fan may change alone.

    Raises:
        NotFound: there is no such fan.
    """

    def steps(session: Session) -> None:
        fan = get_fan(session, fan_id)
        fan.display_name, fan.language = display_name, language
        session.add(fan)
        session.flush()
        consents.answer(session, fan_id=fan_id, purpose=consents.NEWSLETTER, given=newsletter)

    db.write(steps)
