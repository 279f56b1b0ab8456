"""The story from its first day to now: everything happens through the flows, with the clock at its moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from loyalty import clock
from loyalty.activities.fact import OWN_NETWORK
from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.flows.expire import expire_points
from loyalty.flows.expire_vouchers import expire_vouchers
from loyalty.flows.hold import authorise
from loyalty.flows.manage_rules import apply_rule
from loyalty.flows.move_stock import move
from loyalty.intake.seal import Sealer
from loyalty.seed import habits, people, rulebook
from loyalty.seed.agenda import Agenda
from loyalty.seed.cast import INES, MARC, SPENDS_AT, Cast, cast
from loyalty.seed.catalogue import DROP, articles
from loyalty.seed.chance import dice
from loyalty.seed.crowd import Crowd, audiences
from loyalty.seed.doings import Doings
from loyalty.seed.grid import ZONE, moment
from loyalty.seed.mailbag import Mailbag
from loyalty.seed.membership import Membership
from loyalty.seed.spending import Spending
from loyalty.seed.station import ODILE, open_station, stock_up
from loyalty.settings import Settings
from loyalty.vouchers.token import VoucherKeys

FANS, DAYS, SEED = 2_000, 90, 20_261_123
_CAUGHT_UP_AT = (10, 16, 21)  # hours at which the busy senders have told all; the others have at midnight


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the story is: days told, of how many, and acts recorded so far."""

    day: int
    days: int
    acts: int


def seed(
    db: Database,
    settings: Settings,
    *,
    now: datetime,
    fans: int = FANS,
    days: int = DAYS,
    seed: int = SEED,
    progress: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Fill an empty, migrated database. The same arguments tell the same story, but for identifiers and secrets.

    Args:
        settings: their keys sign the vouchers and seal the senders' secrets.
        now: when the story ends. Meanwhile the whole process lives in the story's time.
        fans: at least 10, Ines and Marc among them.
        days: at least 2.
        progress: called after each day.
    """
    assert fans >= 10 and days >= 2, "a story needs some people and some time"
    story = _Story(db, settings, now=now.astimezone(UTC), fans=fans, days=days, seed=seed)
    with clock.running_on(story.agenda):
        story.begin(settings)
        for number in range(days + 1):
            story.live(number)
            progress(Progress(min(number + 1, days), days, story.mailbag.acts))


class _Story:
    def __init__(self, db: Database, settings: Settings, *, now: datetime, fans: int, days: int, seed: int) -> None:
        self.db, self.now, self.fans, self.days = db, now, fans, days
        self.first_day = now.astimezone(ZONE).date() - timedelta(days=days)
        self.begins = moment(self.first_day, 0)
        self.agenda = Agenda(self.begins)
        self.mailbag = Mailbag(db)
        self.mood = dice(seed, "mood")
        known = people.fans(dice(seed, "fans"), fans - 2, begins=self.begins, ends=now)
        unknown = people.strangers(dice(seed, "strangers"), int(fans * people.STRANGERS), begins=self.begins, ends=now)
        self.people = [*cast(self.begins), *known]
        doings = Doings(chance=dice(seed, "doings"), agenda=self.agenda, mailbag=self.mailbag)
        of_fans, of_accounts = audiences(known, unknown)
        self.crowd = Crowd(chance=dice(seed, "crowd"), doings=doings, fans=of_fans, accounts=of_accounts)
        self.articles = articles(drop_at=self._noon(0.6), now=now)
        self.spending = Spending(
            db=db,
            chance=dice(seed, "spending"),
            agenda=self.agenda,
            keys=VoucherKeys(settings.voucher_keys),
            articles=self.articles,
            left_alone=frozenset({INES, MARC}),
        )
        self.cast = Cast(
            chance=dice(seed, "cast"), agenda=self.agenda, doings=doings, spending=self.spending, ines=self.people[0]
        )

    def begin(self, settings: Settings) -> None:
        """Open the station, and put on the agenda what is sure to come."""
        steps = habits.take_up_challenge(self.crowd, int(self.fans * 0.7), self._noon(0.5), self.now)
        opened = open_station(
            self.db,
            Sealer(settings.secret_key, settings.secret_key_fallbacks),
            rulebook.rules(fans=self.fans, challenge_steps=steps, now=self.now),
            self.articles,
            self.fans,
        )
        self.mailbag.sources.update(opened.sources)
        self.spending.devices.update(opened.devices)
        membership = Membership(db=self.db, agenda=self.agenda, mailbag=self.mailbag)
        for person in self.people:
            membership.expect(person)
        self.agenda.at(self._noon(0.4), self._revise)
        self.agenda.at(self._noon(0.55), self._restock)
        drop = next(each for each in self.articles if each.slug == DROP)
        self.agenda.at(self._noon(0.6), lambda: self.spending.drop(3 + 3 * drop.units(self.fans) // 2))
        self.agenda.at(self.now - timedelta(hours=20), self._set_aside)
        self.cast.make_plans(self.mailbag.fan_ids, [self._noon(share) for share in SPENDS_AT], self.now)

    def live(self, number: int) -> None:
        """Let one day happen, up to its end or to now."""
        day = self.first_day + timedelta(days=number)
        grown = number / self.days
        size = self.fans / 2_000 * (0.85 + 0.35 * grown) * self.mood.lognormvariate(0, 0.1)
        self.crowd.follow_the_grid(day, size)
        habits.live(self.crowd, day, size)
        self.cast.plan(day)
        self.spending.plan(day, max(1.5, 9 * self.fans / 2_000 * (0.2 + 1.5 * grown)))
        for hour in _CAUGHT_UP_AT:
            self.agenda.at(moment(day, hour * 60), partial(self.mailbag.empty, OWN_NETWORK, "twitch"))
        self.agenda.run(min(moment(day + timedelta(days=1), 0), self.now))
        self.mailbag.empty()
        expire_points(self.db)
        expire_vouchers(self.db)

    def _set_aside(self) -> None:
        """The box office holds some of Ines's points for a ticket."""
        ines = self.mailbag.fan_ids[INES]
        with suppress(Refused):  # she has spent them
            authorise(self.db, fan_id=ines, amount=20, purpose="Place pour la soirée des auditeurs", actor=ODILE)

    def _noon(self, share: float) -> datetime:
        """Noon of the day when so much of the story is told."""
        day: date = self.first_day + timedelta(days=int(self.days * share))
        return moment(day, 12 * 60)

    def _revise(self) -> None:
        apply_rule(
            self.db,
            slug="chat-en-direct",
            body=rulebook.revised_chat(),
            actor=ODILE,
            reason="Trop de messages d’un seul mot",
        )

    def _restock(self) -> None:
        coffee = self.articles[0]
        stock_up(self.db, coffee, 2 + coffee.units(self.fans) * 2 // 3, reason="Deuxième livraison")
        for kind, why in (("lost", "Bon papier égaré"), ("withdrawn", "Offert au jury du concours")):
            move(self.db, kind, reward_slug=coffee.slug, quantity=1, actor=ODILE, reason=why)
