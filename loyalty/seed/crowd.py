"""What the crowd does on a day: it follows the shows and the matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from loyalty.seed import phrases
from loyalty.seed.chance import Audience, about, code
from loyalty.seed.doings import Doings
from loyalty.seed.grid import MATCH_DAYS, Match, Show, match_of, moment, shows_of
from loyalty.seed.people import Account, Person

_NETWORKS = ("twitch", "mastodon", "instagram", "stripe")
_PREDICTIONS = 140  # of a match, for 2,000 fans


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Everybody who may do something, and what they do."""

    chance: Random
    doings: Doings
    fans: Audience[Person]
    accounts: dict[str, Audience[Account]]

    def follow_the_grid(self, day: date, size: float) -> None:
        """Put on the agenda what people do about the shows and the match of a day.

        Args:
            size: 1 is a usual day of 2,000 fans.
        """
        for show in shows_of(day):
            self._follow(show, day, size)
        match = match_of(day)
        if match is not None:
            self._predict(match, day, size)

    def soon_after(self, begins: datetime, count: float, *, minutes: float) -> Iterator[tuple[Person, datetime]]:
        """About `count` fans who react to something, each once, half of them within some 0.7 times `minutes`."""
        for person in self.fans.different(self.chance, about(self.chance, count), begins):
            yield person, begins + timedelta(minutes=self.chance.expovariate(1 / minutes))

    def _follow(self, show: Show, day: date, size: float) -> None:
        begins, ends = moment(day, show.starts), moment(day, show.ends)
        stamp = f"{show.slug}-{day:%Y%m%d}"
        match = match_of(day) if show.weekdays is MATCH_DAYS else None
        when = self._heat(match, day) if match else lambda: begins + (ends - begins) * self.chance.random()
        self._chat(show.slug, about(self.chance, show.chats * size), when)
        for number, given_at in enumerate(show.codes, 1):
            for person, at in self.soon_after(moment(day, given_at), show.claims * size, minutes=12):
                self.doings.fan(person.reference, at, "onair_code", f"code:{stamp}-{number}", show=show.slug)
        for person, at in self.soon_after(begins + (ends - begins) / 2, show.quiz * size, minutes=25):
            right = min(10, max(1, round(self.chance.gauss(5.5, 2.5))))
            self.doings.fan(person.reference, at, "quiz_answer", f"quiz:{stamp}", show=show.slug, quantity=right)
        for person, at in self.soon_after(begins + (ends - begins) / 3, show.poll * size, minutes=30):
            for question in range(1, self.chance.randint(2, 6)):
                at += timedelta(seconds=self.chance.uniform(5, 30))
                self.doings.fan(person.reference, at, "vote", f"sondage:{stamp}-{question}", show=show.slug)
        self._comment(show, stamp, ends, about(self.chance, show.comments * size))

    def _predict(self, match: Match, day: date, size: float) -> None:
        kick_off = moment(day, match.kick_off)
        for person in self.fans.different(self.chance, about(self.chance, _PREDICTIONS * size), kick_off):
            at = kick_off - timedelta(minutes=1 + min(self.chance.expovariate(1 / 150), 660))
            if person.joined_at < at:
                what = f"match:{day:%Y%m%d}-{match.slug}"
                self.doings.fan(person.reference, at, "prediction", what, show="soir-de-match")

    def _heat(self, match: Match, day: date) -> Callable[[], datetime]:
        """When people chat about a match: around kick-off, after each goal, and in between."""
        kick_off = moment(day, match.kick_off)
        goals = [self.chance.uniform(1, 110) for _ in range(1 + about(self.chance, 1.8))]

        def when() -> datetime:
            what = self.chance.random()
            if what < 0.4:
                minutes = self.chance.choice(goals) + self.chance.expovariate(1 / 3)
            elif what < 0.6:
                minutes = self.chance.gauss(-2, 6)
            else:
                minutes = self.chance.uniform(-40, 125)
            return kick_off + timedelta(minutes=minutes)

        return when

    def _chat(self, show: str, count: int, when: Callable[[], datetime]) -> None:
        """So many messages: some say one thing, some cannot stop, some are deleted by a moderator."""
        for author in self.accounts["twitch"].some(self.chance, count, when()):
            at = when()
            for _ in range(1 + int(self.chance.expovariate(0.9))):
                said = self.doings.chat(author, at, phrases.chat(self.chance), show=show)
                if self.chance.random() < 0.015:
                    self.doings.take_back(said, at + timedelta(minutes=self.chance.expovariate(1 / 8)))
                at += timedelta(seconds=self.chance.uniform(15, 120))
                count -= 1
            if count <= 0:
                return

    def _comment(self, show: Show, stamp: str, ends: datetime, count: int) -> None:
        post = f"https://social.example/@radiolumiere/{stamp}"
        for author in self.accounts["mastodon"].some(self.chance, count, ends):
            at = ends + timedelta(minutes=self.chance.expovariate(1 / 70) - 30)
            number = f"{author.external_id}/statuses/{code(self.chance, 12)}"
            text = phrases.comment(self.chance)
            said = self.doings.account(author, at, "comment", post, external_id=number, text=text, show=show.slug)
            if self.chance.random() < 0.02:
                self.doings.take_back(said, at + timedelta(hours=self.chance.expovariate(1 / 5)))


def audiences(
    fans: Iterable[Person], strangers: Iterable[Account]
) -> tuple[Audience[Person], dict[str, Audience[Account]]]:
    """The fans on the station's own pages, and all accounts by network."""
    fans = list(fans)
    accounts = [account for person in fans for account in person.accounts] + list(strangers)
    by_network = {
        network: Audience((each.since, each.until, each.energy, each) for each in accounts if each.network == network)
        for network in _NETWORKS
    }
    # Nobody is there before the minute in which they have joined is over.
    return Audience(
        (person.joined_at + timedelta(minutes=1), person.left_at, person.energy, person) for person in fans
    ), by_network
