"""Everything that is kept about a fan, in one document that a program can read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.access import sessions
from loyalty.activities import browse
from loyalty.animations import parts
from loyalty.db import Writer
from loyalty.fans import consents, disputes, link_codes
from loyalty.fans.find import accounts_ever
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.fans.register import get_fan
from loyalty.ledger import find as ledger
from loyalty.ledger import holds as set_aside
from loyalty.outbox import mail
from loyalty.rewards import expiring, redemptions
from loyalty.tiers import find as tiers
from loyalty.vouchers import find as vouchers

_MOST = 100_000  # of one kind: more than anybody does in a life
_NOT_THEIRS = (
    "bucket",
    "act_key",
    "fingerprint",
    "text_digest",
    "verdicts_digest",
    "token_hash",
    "code_hash",
    "answered_by",  # a member of staff is another person
    "cancelled_by",
    "reviewed_by",
    "holder_id",
    "fan_id",
)


def export_fan(db: Writer, fan_id: int) -> dict[str, Any]:
    """What is kept about a fan: plain values, instants as they are.

    Raises:
        NotFound: there is no such fan.
    """

    def steps(session: Session) -> dict[str, Any]:
        fan = get_fan(session, fan_id)
        holders = holder_ids_of_fan(session, fan_id)
        return {
            "exported_at": clock.now(),
            "fan": _plain(fan.model_dump()),
            "networks": [_plain(each.model_dump()) for each in accounts_ever(session, fan_id)],
            "consents": [_plain(each.model_dump()) for each in consents.of_fan(session, fan_id)],
            "sessions": [
                _plain(each.model_dump())
                for each in sessions.open_sessions(session, kind=sessions.FAN, subject_id=fan_id)
            ],
            "points": ledger.balance(session, fan_id, now=clock.now()).points,
            "entries": [row for holder in holders for row in _rows(ledger.entries(session, holder, limit=_MOST))],
            "tier_changes": _rows(tiers.changes(session, holders, limit=_MOST)),
            "holds": [_plain(each.model_dump()) for each in set_aside.of_holders(session, holders, limit=_MOST)],
            "activities": _rows(browse.activities(session, limit=_MOST, holder_ids=holders)),
            "parts": _rows(parts.of_fan(session, fan_id)),
            "redemptions": [_plain(each.model_dump()) for each in redemptions.of_fan(session, fan_id)],
            "vouchers": [
                {**_plain(voucher.model_dump()), "reward": reward.slug}
                for voucher, reward in vouchers.of_fan(session, fan_id, limit=_MOST)
            ],
            "scans": _rows(vouchers.scans_of_fan(session, fan_id)),
            "questions": [_plain(each.model_dump()) for each in disputes.of_fan(session, fan_id)],
            "link_codes": [_plain(each.model_dump()) for each in link_codes.of_fan(session, fan_id)],
            "expiry_notices": [_plain(each.model_dump()) for each in expiring.of_fan(session, fan_id)],
            "mails": [_plain(each.model_dump()) for each in mail.to(session, fan.email)] if fan.email else [],
        }

    return db.read(steps)


def _rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [_plain(dict(row._mapping)) for row in rows]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as its owner may read it; identifiers as text, for most readers cut long numbers."""
    return {
        name: str(value) if name == "id" or (name.endswith("_id") and value is not None) else value
        for name, value in row.items()
        if name not in _NOT_THEIRS
    }
