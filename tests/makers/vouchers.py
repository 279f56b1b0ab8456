"""Vouchers and their codes, and whether everything they touch adds up."""

from datetime import UTC, datetime
from itertools import chain

from loyalty.db import Database
from loyalty.flows.redeem import Redeemed, redeem
from loyalty.ledger import verify as ledger
from loyalty.rewards import verify as rewards
from loyalty.settings import VoucherKey
from loyalty.vouchers import verify as vouchers
from loyalty.vouchers.issue import body_of
from loyalty.vouchers.tables import Voucher
from loyalty.vouchers.token import Body, VoucherKeys
from tests.makers.rewards import give_points

KEYS = VoucherKeys([VoucherKey(3, bytes(range(32)))])
BODY = Body(
    token_id="0123456789abcdef",
    scope=7,
    reward=42,
    not_after=datetime(2026, 12, 23, 22, 59, 59, tzinfo=UTC),
    max_uses=1,
    generation=0,
)


def redeemed(db: Database, fan_id: int, *, slug: str = "coffee") -> Redeemed:
    """A fan with just enough points redeems a reward."""
    give_points(db, fan_id, 100)
    return redeem(db, fan_id=fan_id, reward_slug=slug)


def token_of(voucher: Voucher) -> str:
    """What stands in the QR code, without the address."""
    return KEYS.write(body_of(voucher))


def stock_adds_up(db: Database) -> bool:
    """Fail with the breaches of the ledger, the stock and the vouchers, or say yes."""
    stages = (ledger, rewards, vouchers)
    found = db.read(lambda session: list(chain.from_iterable(stage.breaches(session) for stage in stages)))
    assert found == []
    return True
