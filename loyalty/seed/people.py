"""Who listens: fans with their network accounts, and accounts that belong to nobody we know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from loyalty.seed import names
from loyalty.seed.chance import code
from loyalty.seed.grid import ZONE, moment

STRANGERS = 0.35  # accounts of nobody we know, for each fan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # each is one of a kind
class Account:
    """A network account.

    Attributes:
        energy: how much it takes part, beside the others.
        since: when it is first there.
        linked_at: when its owner links it; None: never, or it is a stranger's.
    """

    network: str
    external_id: str
    name: str | None
    energy: float
    since: datetime
    until: datetime | None = None
    linked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # each is one of a kind
class Person:
    """A fan to be: joins at a moment, may lose interest later."""

    reference: str
    display_name: str
    email: str
    language: str
    joined_at: datetime
    left_at: datetime | None
    energy: float
    accounts: tuple[Account, ...]


def fans(chance: Random, count: int, *, begins: datetime, ends: datetime) -> list[Person]:
    """So many fans who join between two instants, a third of them in the first days, in the order they join."""
    joined = sorted(_joining(chance, begins, ends) for _ in range(count))
    return [_fan(chance, number, at, begins, ends) for number, at in enumerate(joined, 1)]


def strangers(chance: Random, count: int, *, begins: datetime, ends: datetime) -> list[Account]:
    """So many Twitch accounts that nobody ever links."""
    found = []
    for _ in range(count):
        first, last = names.person(chance)
        since = begins + (ends - begins) * chance.random() ** 2
        found.append(_account(chance, "twitch", names.handle(chance, first, last), _energy(chance) * 0.5, since))
    return found


def _fan(chance: Random, number: int, joined_at: datetime, begins: datetime, ends: datetime) -> Person:
    first, last = names.person(chance)
    energy = _energy(chance)
    stay = timedelta(days=chance.expovariate(1 / 25)) if chance.random() < 0.25 else None
    left_at = None if stay is None else joined_at + stay
    return Person(
        reference=f"RL-{number:05d}",
        display_name=f"{first} {last}",
        email=f"{names.plain(first)}.{names.plain(last)}{number}@example.{chance.choice(('org', 'net'))}",
        language="fr" if chance.random() < 0.96 else "en",
        joined_at=joined_at,
        left_at=left_at,
        energy=energy,
        accounts=tuple(_accounts(chance, names.handle(chance, first, last), energy, joined_at, left_at, begins, ends)),
    )


def _accounts(
    chance: Random,
    handle: str,
    energy: float,
    joined_at: datetime,
    left_at: datetime | None,
    begins: datetime,
    ends: datetime,
) -> Iterator[Account]:
    """A fan's accounts: some linked on joining, some later with what they earned on their own, some never."""
    for network, has_one, at_once, later in (
        ("twitch", 0.55, 0.55, 0.25),
        ("mastodon", 0.20, 0.45, 0.25),
        ("instagram", 0.45, 0.08, 0.06),
        ("stripe", 0.15, 0.0, 0.35),
    ):
        if chance.random() > has_one:
            continue
        fate = chance.random()
        since, linked_at = joined_at, None
        if fate < at_once:
            linked_at = joined_at + timedelta(minutes=chance.uniform(1, 15))
        else:
            since = begins + (joined_at - begins) * chance.random()
            if fate < at_once + later:
                linked_at = joined_at + (ends - joined_at) * chance.random() ** 2
        yield _account(chance, network, handle, energy * chance.uniform(0.4, 1.6), since, left_at, linked_at)


def _account(
    chance: Random,
    network: str,
    handle: str,
    energy: float,
    since: datetime,
    until: datetime | None = None,
    linked_at: datetime | None = None,
) -> Account:
    identifiers = {
        "twitch": str(chance.randint(20_000_000, 1_299_999_999)),
        "mastodon": f"https://social.example/users/{handle}.{code(chance, 4)}",
        "instagram": f"1784{chance.randint(10**12, 10**13 - 1)}",
        "stripe": f"cus_{code(chance, 14)}",
    }
    return Account(
        network=network,
        external_id=identifiers[network],
        name=None if network == "stripe" else handle,
        energy=energy,
        since=since,
        until=until,
        linked_at=linked_at,
    )


def _energy(chance: Random) -> float:
    """Heavy-tailed: one in a hundred is twenty times as lively as the one in the middle."""
    return chance.lognormvariate(0, 1.3)


def _joining(chance: Random, begins: datetime, ends: datetime) -> datetime:
    length = ends - begins
    soon = chance.random() < 0.35
    at = begins + length * (min(chance.expovariate(40), 1.0) if soon else chance.random())
    day = at.astimezone(ZONE).date()
    at_home = moment(
        day, chance.choice((chance.gauss(8 * 60, 60), chance.gauss(19 * 60, 90), chance.uniform(540, 1380)))
    )
    return min(max(at_home, begins), ends)
