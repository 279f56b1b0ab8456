"""Fans are told by e-mail before points expire: once for each date and each notice, in their language.

A message about the service itself, not advertising, so it asks for no consent; a fan without an address reads it on the
pages. A bucket is locked while its fans are written to, and what was told is kept with the e-mail: the job may be
killed, and may run twice at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.piecemeal import bucket_by_bucket
from loyalty.i18n import Words
from loyalty.outbox import mail
from loyalty.outbox.mail import Letter
from loyalty.programme.find import TheProgramme, the_programme
from loyalty.rewards import expiring

FANS_AT_ONCE = 500

SUBJECT = Words(
    fr="{programme} : {points:n} {word} {points:expire|expirent} le {on:date}",
    en="{programme}: {points:n} {word} {points:expires|expire} on {on:date}",
)
TEXT = Words(
    fr="Bonjour,\n\n{points:n} de vos {words} {points:expire|expirent} le {on:date}, à la fin de la journée. D’ici là, "
    "vous pouvez {points:le|les} dépenser :\n{address}\n{slides}\nQuoi qu’il arrive, ce sont toujours les points qui "
    "expirent le plus tôt qui partent en premier.\n\nCe message concerne votre compte : il n’est pas publicitaire.\n\n"
    "{programme}\n",
    en="Hello,\n\n{points:n} of your {words} {points:expires|expire} on {on:date}, at the end of the day. Until then "
    "you can spend {points:it|them}:\n{address}\n{slides}\nWhatever you spend, the points that expire soonest go first."
    "\n\nThis message is about your account; it is not advertising.\n\n{programme}\n",
)
SLIDES = Words(
    fr="\nOu gagnez des points avant cette date : ceux-ci dureront plus longtemps.\n",
    en="\nOr earn points before that day: these will last longer.\n",
)


def tell_expiry(db: Database, *, public_url: str) -> int:
    """Write to the fans whose points expire soon. Returns how many e-mails were written."""
    programme, now = db.read(the_programme), clock.now()
    told = 0
    for days, window in windows(programme.expiry_notice_days, now):
        due = partial(expiring.buckets, window=window, days=days, least=programme.expiry_notice_points)
        tell = partial(_tell, days=days, window=window, address=f"{public_url}/rewards")
        told += bucket_by_bucket(db, due, tell, at_once=FANS_AT_ONCE)
    db.write(partial(expiring.forget, before=now))
    return told


def windows(notice_days: Sequence[int], now: datetime) -> list[tuple[int, tuple[datetime, datetime]]]:
    """For each notice which expiries it is about: after the next shorter notice, up to its own days ahead."""
    found, after = [], now
    for days in sorted(set(notice_days)):
        found.append((days, (after, now + timedelta(days=days))))
        after = now + timedelta(days=days)
    return found


def _tell(session: Session, bucket: int, *, days: int, window: tuple[datetime, datetime], address: str) -> int:
    programme = the_programme(session)
    least = programme.expiry_notice_points
    found = expiring.to_tell(session, bucket, window=window, days=days, least=least, limit=FANS_AT_ONCE)
    expiring.note_told(session, [(row.fan_id, row.expires_at) for row in found], days=days, now=clock.now())
    mail.write_all(session, [_letter(row, programme, address) for row in found])
    return len(found)


def _letter(row: Any, programme: TheProgramme, address: str) -> Letter:
    said = _said(row, programme, address)
    return Letter(
        recipient=row.email,
        subject=SUBJECT.say(row.language, **said),
        text=TEXT.say(row.language, **said),
        useless_at=row.expires_at,
    )


def _said(row: Any, programme: TheProgramme, address: str) -> Mapping[str, Any]:
    one, many = programme.point_names.get(row.language, ["point", "points"])
    single = abs(row.points) < 2 if row.language == "fr" else row.points == 1
    return {
        "programme": programme.name,
        "points": row.points,
        "word": one if single else many,
        "words": many,
        "on": (row.expires_at - timedelta(seconds=1)).astimezone(programme.zone),
        "address": address,
        "slides": SLIDES.say(row.language) if row.sliding else "",
    }
