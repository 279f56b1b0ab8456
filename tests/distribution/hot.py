"""The hot paths: what fans and partners do all day, and what goes over every bucket at night."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest import mock

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.flows.answer import answer
from loyalty.flows.earn import earn, earn_one
from loyalty.flows.expire import expire_points
from loyalty.flows.hold import authorise, capture, release_holds
from loyalty.flows.link import link
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.flows.review_tiers import review_tiers
from loyalty.flows.scan import inspect, use
from loyalty.flows.seal import seal_entries
from loyalty.flows.transfer import transfer
from loyalty.ledger.checkpoint import SigningKey
from loyalty.programme.expiry import Sliding
from loyalty.programme.tables import Programme
from tests.cast import MORNING, ODILE, chat, ines, marc, open_station, rule
from tests.makers.animations import AIR, open_code, pay_codes
from tests.makers.partners import device
from tests.makers.rewards import coffee
from tests.makers.tiers import ladder
from tests.makers.vouchers import KEYS, token_of

Path = Callable[[], object]
LIMITS = {
    "per_day": {"points": 500},
    "per_week": {"points": 900},
    "ever": {"points": 5_000},
    "cooldown_seconds": 1,
    "budget_points": 1_000_000,
}


def allow_transfers(session: Session) -> None:
    """The programme lets fans give points."""
    session.get_one(Programme, 1).transfers_allowed = True


def prepare(db: Database) -> dict[str, Path]:
    """A station with Ines, who has linked an account; returns what can happen there, each to be done once, in order."""
    open_station(db, expiry=Sliding(24))  # which does all that the others do, and more
    rule(db, earn={"fixed": 100}, limits=LIMITS)
    rule(db, "rank", **{"class": "status_only"}, earn={"fixed": 10})
    ladder(db, silver=15)
    pay_codes(db)
    coffee(db, cost_points=100, per_fan_limit=5, per_fan_limit_days=7)
    fan_id = ines(db).id
    counter = device(db)
    open_code(db)
    link(db, fan_id=fan_id, network="twitch", external_id="tw-ines", actor=ODILE)
    crowd = [chat(number, actor=f"tw-{number % 20}", minutes=number) for number in range(100, 140)]
    mine = [chat(number, minutes=number, quantity=10) for number in range(1, 5)]
    earn(
        db, [chat(0, actor="tw-early"), chat(99, actor="tw-1", minutes=-60_000)], source="warm"
    )  # what a rule says of an act is known by now
    got = []

    def spend() -> None:
        got.append(redeem(db, fan_id=fan_id, reward_slug="coffee"))

    def scan() -> None:
        token = token_of(got[0].voucher)
        assert inspect(db, KEYS, device=counter, text=token).reason == "ok"
        for _ in range(2):
            assert use(db, KEYS, device=counter, text=token, nonce="one").reason == "ok"

    def take_back() -> None:
        facts = [
            WithdrawnFact(act_key=mine[0].act_key, withdrawn_quantity=3),
            WithdrawnFact(act_key=mine[1].act_key),
        ]
        assert [each.status for each in withdraw(db, facts, source="hot")] == ["reversed", "reversed"]

    other_id = marc(db).id
    db.write(allow_transfers)
    held = []

    def set_aside() -> None:
        held.append(authorise(db, fan_id=fan_id, amount=20, purpose="hot", actor=ODILE).hold)

    def use_some() -> None:
        capture(db, fan_id=fan_id, hold_id=held[0].id, amount=5, actor=ODILE)

    def at(moment: datetime, path: Path) -> Path:
        def later() -> object:
            with mock.patch.object(clock, "now", return_value=moment):
                return path()

        return later

    now, much_later = MORNING + timedelta(hours=4), datetime(2030, 1, 2, tzinfo=UTC)
    return {
        "a batch of activities": at(now, lambda: earn(db, crowd + mine + mine, source="hot")),
        "one activity": at(now, lambda: earn_one(db, chat(50, minutes=60), source="hot")),
        "an answer on air": at(
            AIR + timedelta(seconds=30),
            lambda: answer(db, "matinale", fan_id=fan_id, said={"code": "tournesol 47"}),
        ),
        "a redemption": at(now, spend),
        "a scan": at(now, scan),
        "withdrawals": at(now, take_back),
        "points are set aside": at(now, set_aside),
        "points set aside are captured": at(now, use_some),
        "points set aside come back": at(much_later, lambda: release_holds(db)),
        "points are given": at(now, lambda: transfer(db, sender_id=fan_id, receiver_id=other_id, amount=20)),
        "points expire": at(much_later, lambda: expire_points(db)),
        "tiers end": at(much_later, lambda: review_tiers(db)),
        "entries are sealed": lambda: seal_entries(db, SigningKey("a secret of the tests, and of nothing else")),
    }
