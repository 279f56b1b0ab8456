"""The people every example is about: Ines, who does a bit of everything, and Marc, who does very little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from loyalty.seed import phrases
from loyalty.seed.agenda import Agenda
from loyalty.seed.catalogue import BOOK, CINEMA, COFFEE, COFFEES
from loyalty.seed.doings import Doings
from loyalty.seed.grid import SHOWS, WEEK, ZONE, Show, match_of, moment
from loyalty.seed.people import Account, Person
from loyalty.seed.spending import Spending

INES, MARC = "ines", "marc"
INES_ON_TWITCH = "141981764"
SPENDS_AT = (0.2, 0.35, 0.5, 0.65, 0.8)  # Ines, of the whole story


def cast(begins: datetime) -> list[Person]:
    """Ines, with an account she links the day after she has first used it, and Marc."""
    twitch = Account(
        network="twitch",
        external_id=INES_ON_TWITCH,
        name="ines_fm",
        energy=0,
        since=begins,
        linked_at=begins + timedelta(days=1, hours=11),
    )
    return [
        _person(INES, "Inès Bertin", begins + timedelta(hours=6, minutes=30), (twitch,)),
        _person(MARC, "Marc Delorme", begins + timedelta(hours=6, minutes=50)),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """What Ines does: codes at breakfast, the quiz, the chat on match nights. Marc types a code on Saturdays."""

    chance: Random
    agenda: Agenda
    doings: Doings
    spending: Spending
    ines: Person

    def plan(self, day: date) -> None:
        """Put a day of theirs on the agenda."""
        show = SHOWS[0] if day.isoweekday() in WEEK else SHOWS[-1]
        for number, given_at in enumerate(show.codes, 1):
            if self.chance.random() < 0.6:
                self._type_code(INES, show, number, moment(day, given_at + self.chance.uniform(1, 9)))
        if self.chance.random() < 0.5:
            at = moment(day, (show.starts + show.ends) / 2 + self.chance.uniform(1, 20))
            what, right = f"quiz:{show.slug}-{day:%Y%m%d}", self.chance.randint(2, 10)
            self.doings.fan(INES, at, "quiz_answer", what, show=show.slug, quantity=right)
        if match_of(day) or day.day % 4 == 0:
            self._chat(day)
        if day.isoweekday() == 6:
            self._type_code(MARC, show, 1, moment(day, show.codes[0] + 7))

    def make_plans(self, numbers: Mapping[str, int], moments: Sequence[datetime], now: datetime) -> None:
        """Ines spends at each of some moments, and has a coffee she has not drunk yet when the story ends.

        Args:
            numbers: of fans, by reference; hers is there once she has joined.
        """

        def ask(slug: str, *, show: bool = True) -> None:
            redeemed = self.spending.try_to_redeem(numbers[INES], slug)
            if show and redeemed is not None:
                self.agenda.at(self.agenda() + timedelta(hours=22), partial(self.spending.show, redeemed))

        for at, slug in zip(moments, (COFFEE, CINEMA, BOOK, COFFEE, COFFEES), strict=True):
            self.agenda.at(at, partial(ask, slug))
        yesterday = now.astimezone(ZONE).date() - timedelta(days=1)
        self.agenda.at(moment(yesterday, 18 * 60 + 20), partial(ask, COFFEE, show=False))

    def _type_code(self, reference: str, show: Show, number: int, at: datetime) -> None:
        what = f"code:{show.slug}-{at.astimezone(ZONE):%Y%m%d}-{number}"
        self.doings.fan(reference, at, "onair_code", what, show=show.slug)

    def _chat(self, day: date) -> None:
        """A few messages of Ines; the last comes too soon after the one before, and may be taken down."""
        begins = moment(day, 20 * 60 + 50)
        texts = (phrases.chat(self.chance), "Allez !", phrases.thought(self.chance), "Oh là là, quel arrêt !")
        for minutes, text in zip((0, 3, 6, 6.4), texts, strict=True):
            said = self.doings.chat(self.ines.accounts[0], begins + timedelta(minutes=minutes), text, show=None)
        if day.day % 3 == 0:
            self.doings.take_back(said, begins + timedelta(minutes=40))


def _person(reference: str, name: str, joined_at: datetime, accounts: tuple[Account, ...] = ()) -> Person:
    return Person(
        reference=reference,
        display_name=name,
        email=f"{reference}@example.org",
        language="fr",
        joined_at=joined_at,
        left_at=None,
        energy=0,
        accounts=accounts,
    )
