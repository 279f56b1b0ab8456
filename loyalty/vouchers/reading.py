"""What a scanner read, or a person typed: which voucher it means, before anything is looked up."""

import hashlib
from dataclasses import dataclass

from loyalty.vouchers import code
from loyalty.vouchers.token import Body, Unreadable, VoucherKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading.

    Attributes:
        token_id: which voucher is meant; None if that cannot be told.
        body: what the token says; None for a code that was typed.
        reason: why it cannot be read, or None.
        typed: whether it was typed by hand.
        fingerprint: equal for two readings of one code, however it was spelled.
    """

    token_id: str | None
    body: Body | None
    reason: str | None
    typed: bool
    fingerprint: str


def read(keys: VoucherKeys, text: str) -> Reading:
    """Read a token, an address with one, or a code typed by hand; what cannot be read has its `reason`."""
    text = text.strip()
    typed = code.looks_like_one(text)
    body, token_id, reason = None, None, None
    try:
        if typed:
            token_id = code.read(text)
        else:
            body = keys.read(text)
            token_id = body.token_id
    except Unreadable as unreadable:
        reason = unreadable.reason
    meant = f"id:{token_id}" if token_id else f"text:{text}"
    fingerprint = hashlib.sha256(meant.encode("utf-8", "surrogatepass")).hexdigest()
    return Reading(token_id=token_id, body=body, reason=reason, typed=typed, fingerprint=fingerprint)
