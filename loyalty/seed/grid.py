"""What is on air when: the shows of Radio Lumière and the matches they follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
WEEK, WEEKEND, MATCH_DAYS = frozenset(range(1, 6)), frozenset({6, 7}), frozenset[int]()

_OPPONENTS = (
    "Lens",
    "Rennes",
    "Strasbourg",
    "Nantes",
    "Brest",
    "Toulouse",
    "Lille",
    "Reims",
    "Le Havre",
    "Nice",
    "Angers",
    "Auxerre",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A programme on air and what its listeners do, for 2,000 fans.

    Attributes:
        weekdays: ISO, 1 is Monday; `MATCH_DAYS`: whenever there is a match.
        starts, ends: minutes after midnight, on the clock of the station.
        chats: messages in the live chat.
        codes: minutes after midnight at which a code is given on air.
        claims: fans who type each code.
        quiz, poll, comments: answers, voters, comments.
    """

    slug: str
    name: str
    weekdays: frozenset[int]
    starts: int
    ends: int
    chats: int = 0
    codes: tuple[int, ...] = ()
    claims: int = 0
    quiz: int = 0
    poll: int = 0
    comments: int = 0


SHOWS = (
    Show(
        slug="la-matinale",
        name="La Matinale",
        weekdays=WEEK,
        starts=6 * 60,
        ends=9 * 60 + 30,
        chats=90,
        codes=(7 * 60 + 20, 8 * 60 + 40),
        claims=60,
        quiz=48,
    ),
    Show(
        slug="l-apres-midi",
        name="L’Après-midi",
        weekdays=WEEK,
        starts=15 * 60,
        ends=17 * 60,
        chats=25,
        codes=(15 * 60 + 40,),
        claims=28,
    ),
    Show(
        slug="le-grand-debat",
        name="Le Grand Débat",
        weekdays=WEEK,
        starts=18 * 60,
        ends=20 * 60,
        chats=60,
        poll=36,
        comments=28,
    ),
    Show(
        slug="soir-de-match",
        name="Soir de match",
        weekdays=MATCH_DAYS,
        starts=20 * 60,
        ends=23 * 60 + 15,
        chats=300,
        codes=(22 * 60 + 5,),
        claims=85,
    ),
    Show(
        slug="les-noctambules",
        name="Les Noctambules",
        weekdays=frozenset({1, 2, 4, 5}),
        starts=22 * 60,
        ends=24 * 60,
        chats=28,
        comments=6,
    ),
    Show(
        slug="les-copains-du-week-end",
        name="Les Copains du week-end",
        weekdays=WEEKEND,
        starts=10 * 60,
        ends=13 * 60,
        chats=65,
        codes=(11 * 60 + 15,),
        claims=55,
        quiz=55,
        poll=20,
    ),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A match of the town's club; it is followed from kick-off, in minutes after midnight."""

    opponent: str
    kick_off: int

    @property
    def slug(self) -> str:
        """The opponent in addresses."""
        return self.opponent.lower().replace(" ", "-")


def match_of(day: date) -> Match | None:
    """The match of a day: the league on Saturdays, the cup every other Wednesday."""
    week = day.isocalendar().week
    if day.isoweekday() == 6:
        return Match(_OPPONENTS[week % len(_OPPONENTS)], 21 * 60)
    if day.isoweekday() == 3 and week % 2 == 0:
        return Match(_OPPONENTS[(week + 5) % len(_OPPONENTS)], 20 * 60 + 45)
    return None


def shows_of(day: date) -> Iterator[Show]:
    """What is on air on a day, in order."""
    for show in SHOWS:
        if day.isoweekday() in show.weekdays or (show.weekdays is MATCH_DAYS and match_of(day)):
            yield show


def moment(day: date, minutes: float) -> datetime:
    """The instant at which the station's clock shows so many minutes after the midnight of a day."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=ZONE).astimezone(UTC)
