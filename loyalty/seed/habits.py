"""What people do whatever is on air: they like, buy, come by, take up a challenge."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from loyalty.seed.chance import about, code
from loyalty.seed.crowd import Crowd
from loyalty.seed.grid import match_of, moment

CHALLENGE = "Défi des cent kilomètres"
_BASKET = (900, 1200, 1200, 1500, 1900, 2500, 2900, 4500)  # cents: a mug, a bag, a shirt ...


def live(crowd: Crowd, day: date, size: float) -> None:
    """Put the habits of a day on the agenda.

    Args:
        size: 1 is a usual day of 2,000 fans.
    """
    _like(crowd, day, 36 * size)
    _shop(crowd, day, 9 * size)
    _trade_channel_points(crowd, day, 12 * size)
    if day.isoweekday() == 6 or match_of(day):
        _visit(crowd, day, (45 if day.isoweekday() == 6 else 15) * size)


def take_up_challenge(crowd: Crowd, count: int, begins: datetime, ends: datetime) -> int:
    """Spread the steps of the challenge over a time; returns how many there are."""
    steps = 0
    for person in crowd.fans.some(crowd.chance, count, begins):
        at = begins + (ends - begins) * crowd.chance.random()
        if person.left_at is None or at < person.left_at:
            steps += 1
            crowd.doings.fan(person.reference, at, "challenge", f"etape:{steps}", campaign=CHALLENGE)
    return steps


def _like(crowd: Crowd, day: date, count: float) -> None:
    chance = crowd.chance
    for number, minutes in enumerate((9 * 60, 18 * 60 + 30), 1):
        posted_at = moment(day, minutes)
        for author in crowd.accounts["instagram"].different(chance, about(chance, count), posted_at):
            at = posted_at + timedelta(minutes=chance.expovariate(1 / 110))
            crowd.doings.account(author, at, "like", f"media:{day:%Y%m%d}-{number}")


def _shop(crowd: Crowd, day: date, count: float) -> None:
    """Purchases, by fans who are signed in and by guests; a few are sent back, whole or in part."""
    chance = crowd.chance
    for _ in range(about(chance, count)):
        at = moment(day, chance.triangular(8 * 60, 23 * 60, 20 * 60 + 30))
        cents = sum(chance.choices(_BASKET, k=chance.choice((1, 1, 1, 2, 3))))
        number = f"pi_{code(chance, 24)}"
        if chance.random() < 0.6:
            bought = [
                crowd.doings.fan(
                    each.reference, at, "purchase", "boutique", external_id=number, scope="stripe", quantity=cents
                )
                for each in crowd.fans.some(chance, 1, at)
            ]
        else:
            bought = [
                crowd.doings.account(
                    each, at, "purchase", "boutique", external_id=number, scope="stripe", quantity=cents
                )
                for each in crowd.accounts["stripe"].some(chance, 1, at)
            ]
        if chance.random() < 0.08:
            part = None if chance.random() < 0.6 else cents // 2
            for each in bought:
                crowd.doings.take_back(each, at + timedelta(days=chance.uniform(2, 14)), part)


def _trade_channel_points(crowd: Crowd, day: date, count: float) -> None:
    """Twitch's own points, spent there: we are told, no rule is about it."""
    chance, noon = crowd.chance, moment(day, 12 * 60)
    for viewer in crowd.accounts["twitch"].some(chance, about(chance, count), noon):
        at = noon + timedelta(minutes=chance.uniform(0, 600))
        crowd.doings.account(viewer, at, "redeem_external", "surligner-mon-message", external_id=code(chance, 32))


def _visit(crowd: Crowd, day: date, count: float) -> None:
    """Fans come to the station's table at the café; some scan the poster twice."""
    for person, at in crowd.soon_after(moment(day, 16 * 60), count, minutes=120):
        crowd.doings.fan(person.reference, at, "check_in", f"lieu:cafe-lumiere-{day:%Y%m%d}")
        if crowd.chance.random() < 0.15:
            again = at + timedelta(minutes=crowd.chance.uniform(30, 120))
            crowd.doings.fan(person.reference, again, "check_in", f"lieu:cafe-lumiere-{day:%Y%m%d}-soir")
