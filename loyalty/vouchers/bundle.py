"""What a scanner keeps so that it can verify a code by itself: the public keys and the codes to refuse."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.vouchers import states
from loyalty.vouchers.tables import SupersededCode, Voucher
from loyalty.vouchers.token import VoucherKeys

_voucher = Voucher.__table__  # type: ignore[attr-defined]
_superseded = SupersededCode.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What the scanner of one partner needs.

    Attributes:
        scope: the partner's number, which a code must carry.
        keys: 32-byte Ed25519 public keys in base64, by the number in the code.
        refused: token ids, 16 hexadecimal digits, by the reason to refuse them for.
        etag: changes with everything but the time.
    """

    server_time: datetime
    scope: int
    keys: dict[str, str]
    refused: dict[str, list[str]]
    etag: str


def make(session: Session, keys: VoucherKeys, *, partner_id: int) -> Bundle:
    """The bundle of a partner; a code is listed until it would have expired anyway."""
    now = clock.now()
    public = {str(number): base64.b64encode(key).decode() for number, key in sorted(keys.public.items())}
    refused: dict[str, list[str]] = {"cancelled": [], "superseded": [], "blocked": []}
    for reason, token_id in session.execute(_refused(partner_id, now)):
        refused[reason].append(token_id)
    content = json.dumps([partner_id, public, refused], separators=(",", ":"))
    return Bundle(
        server_time=now,
        scope=partner_id,
        keys=public,
        refused=refused,
        etag=hashlib.sha256(content.encode()).hexdigest()[:32],
    )


def _refused(partner_id: int, now: datetime) -> sa.CompoundSelect[tuple[str, str]]:
    ahead = sa.and_(_voucher.c.partner_id == partner_id, _voucher.c.not_after >= now)
    current = sa.select(_voucher.c.state.label("reason"), _voucher.c.token_id).where(
        ahead, _voucher.c.state.in_((states.CANCELLED, states.BLOCKED))
    )
    former = (
        sa.select(sa.literal("superseded"), _superseded.c.token_id)
        .join_from(
            _superseded,
            _voucher,
            sa.and_(_voucher.c.id == _superseded.c.voucher_id, _voucher.c.bucket == _superseded.c.bucket),
        )
        .where(ahead)
    )
    return current.union_all(former).order_by("reason", "token_id")
