"""A partner's device reads a voucher: to look at it, to use it, to take a use back."""

import logging
from datetime import datetime, timedelta

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.flows import limit
from loyalty.intake.rate import Limit, TooManyAttempts
from loyalty.partners.devices import DeviceInHand
from loyalty.programme.find import the_programme
from loyalty.vouchers import annul as annulment
from loyalty.vouchers import bundle as bundles
from loyalty.vouchers import reading
from loyalty.vouchers import use as uses
from loyalty.vouchers.annul import Annulled
from loyalty.vouchers.bundle import Bundle
from loyalty.vouchers.reading import Reading
from loyalty.vouchers.token import VoucherKeys
from loyalty.vouchers.verdict import Verdict

GUESSES = Limit(name="voucher code", most=20, within=timedelta(minutes=15))  # wrong ones typed, by device
_log = logging.getLogger(__name__)
MISREAD = "malformed"  # no code of ours: nothing was shown yet
_WRONG = frozenset({MISREAD, "unknown_voucher", "wrong_partner"})


def inspect(db: Writer, keys: VoucherKeys, *, device: DeviceInHand, text: str) -> Verdict:
    """What `use` would answer now. No voucher changes and no scan is kept.

    Args:
        text: a token, an address with a token, or a code typed by hand.

    Raises:
        TooManyAttempts: the device typed too many wrong codes.
    """
    read = _read(db, keys, device, text)

    def steps(session: Session) -> Verdict:
        return uses.inspect(session, read, device=device, zone=the_programme(session).zone)

    return _counted(db, device, read, db.read(steps))


def look(db: Writer, keys: VoucherKeys, *, device: DeviceInHand, text: str) -> Verdict:
    """What `inspect` answers, at a counter: a code that is refused ends there, so it is kept as a scan.

    Raises:
        TooManyAttempts: the device typed too many wrong codes.
    """
    verdict = inspect(db, keys, device=device, text=text)
    if verdict.ok or verdict.reason == MISREAD:
        return verdict
    read = reading.read(keys, text)
    return db.write(lambda session: uses.keep_refusal(session, verdict, read, device=device))


def use(
    db: Writer,
    keys: VoucherKeys,
    *,
    device: DeviceInHand,
    text: str,
    nonce: str,
    scanned_at: datetime | None = None,
) -> Verdict:
    """Use a voucher once, or say why not. Every attempt is kept; the same nonce gets the same answer.

    Args:
        text: a token, an address with a token, or a code typed by hand.
        nonce: made by the device, one for each attempt.
        scanned_at: by the device's clock; None: now.

    Raises:
        NonceReused: the nonce came with another code before.
        TooManyAttempts: the device typed too many wrong codes.
    """
    read = _read(db, keys, device, text)

    def steps(session: Session) -> Verdict:
        zone = the_programme(session).zone
        return uses.use(session, read, device=device, nonce=nonce, scanned_at=scanned_at, zone=zone)

    return _counted(db, device, read, db.write(steps))


def annul(db: Writer, *, device: DeviceInHand, nonce: str, explanation: str) -> Annulled:
    """Take back a scan of this device within 15 minutes; the second time answers the same.

    Raises:
        ScanNotFound: this device made no such scan.
        ScanNotAUse: it was refused.
        TooLateToAnnul
    """

    def steps(session: Session) -> Annulled:
        zone = the_programme(session).zone
        return annulment.annul(session, device=device, nonce=nonce, explanation=explanation, zone=zone)

    return db.write(steps)


def bundle(db: Writer, keys: VoucherKeys, *, device: DeviceInHand) -> Bundle:
    """What the device needs to verify codes by itself."""
    return db.read(lambda session: bundles.make(session, keys, partner_id=device.partner_id))


def _read(db: Writer, keys: VoucherKeys, device: DeviceInHand, text: str) -> Reading:
    read = reading.read(keys, text)
    if read.typed:
        try:
            limit.refuse_flood(db, GUESSES, str(device.id))
        except TooManyAttempts:
            _log.warning("device %s types code after code: stopped for a while", device.id)
            raise
    return read


def _counted(db: Writer, device: DeviceInHand, read: Reading, verdict: Verdict) -> Verdict:
    """Count a wrong guess: of a token there is nothing to guess, its signature is out of reach."""
    if read.typed and verdict.reason in _WRONG:
        limit.count_failure(db, GUESSES, str(device.id))
    return verdict
