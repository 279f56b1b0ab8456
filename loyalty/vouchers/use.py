"""A device reads a code: what it is told, and the use that counts."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from loyalty import clock, ids
from loyalty.db import TryAgain, is_sqlite
from loyalty.partners.devices import DeviceInHand
from loyalty.vouchers import find, states
from loyalty.vouchers.find import Found
from loyalty.vouchers.reading import Reading
from loyalty.vouchers.reasons import OK
from loyalty.vouchers.refusals import NonceReused
from loyalty.vouchers.tables import Scan
from loyalty.vouchers.verdict import Verdict, from_json, tell, tell_nothing

_scan = Scan.__table__  # type: ignore[attr-defined]


def inspect(session: Session, reading: Reading, *, device: DeviceInHand, zone: ZoneInfo) -> Verdict:
    """What a use would answer now; nothing changes, and no scan is written."""
    found = _look_up(session, reading)
    reason = judge(reading, found, partner_id=device.partner_id, now=clock.now())
    return _verdict(session, reason or OK, found, uses=_one_more(reason, found), zone=zone)


def use(
    session: Session,
    reading: Reading,
    *,
    device: DeviceInHand,
    nonce: str,
    scanned_at: datetime | None,
    zone: ZoneInfo,
) -> Verdict:
    """Use a voucher once, or say why not; either way it is a scan, and the same nonce gets the same answer.

    Args:
        nonce: made by the device, one for each attempt.
        scanned_at: by the device's clock; None: now.

    Raises:
        NonceReused: the nonce came with another code before.
        TryAgain: somebody else changed the voucher, or sent the nonce, at the same moment.
    """
    kept = _kept(session, device.id, nonce)
    if kept is not None:
        return _again(kept, reading, zone)
    now = clock.now()
    found = _look_up(session, reading)
    reason = judge(reading, found, partner_id=device.partner_id, now=now)
    uses = 0
    if reason is None:
        assert found is not None
        uses = states.use_one(session, found.voucher, now=now) or 0
        if not uses:
            session.refresh(found.voucher)
            reason = judge(reading, found, partner_id=device.partner_id, now=now)
            if reason is None:
                raise TryAgain
    verdict = replace(_verdict(session, reason or OK, found, uses=uses, zone=zone), scan_id=ids.new())
    _write(session, verdict, reading, found, device=device, nonce=nonce, scanned_at=scanned_at or now, now=now)
    return verdict


def keep_refusal(session: Session, verdict: Verdict, reading: Reading, *, device: DeviceInHand) -> Verdict:
    """Keep what a look was refused as the scan it was: nobody will confirm it, and the counter counts it."""
    now = clock.now()
    kept = replace(verdict, scan_id=ids.new())
    found = _look_up(session, reading)
    _write(session, kept, reading, found, device=device, nonce=ids.secret(128), scanned_at=now, now=now)
    return kept


def judge(reading: Reading, found: Found | None, *, partner_id: int, now: datetime) -> str | None:
    """Why a code cannot be used by a partner now, the first reason that applies; None if it can."""
    if reading.reason is not None:
        return reading.reason
    if found is None:
        return "unknown_voucher"
    voucher, body = found.voucher, reading.body
    if voucher.partner_id != partner_id:
        return "wrong_partner"
    if found.superseded or (body is not None and body.generation != voucher.generation):
        return "superseded"
    if voucher.state in (states.CANCELLED, states.BLOCKED):
        return voucher.state
    if now < voucher.not_before:
        return "not_yet_valid"
    if voucher.state == states.EXPIRED or voucher.not_after < now or (body is not None and body.not_after < now):
        return "expired"
    if voucher.uses >= voucher.max_uses:
        return "already_used"
    return None


def _one_more(reason: str | None, found: Found | None) -> int:
    return found.voucher.uses + 1 if reason is None and found is not None else 0


def _look_up(session: Session, reading: Reading) -> Found | None:
    return find.by_token_id(session, reading.token_id) if reading.token_id is not None else None


def _verdict(session: Session, reason: str, found: Found | None, *, uses: int, zone: ZoneInfo) -> Verdict:
    if found is None or reason == "wrong_partner":
        return tell_nothing(reason)
    voucher = found.voucher
    return tell(
        reason,
        voucher=voucher,
        reward=found.reward,
        uses=uses or voucher.uses,
        not_before=voucher.not_before.astimezone(zone),
        not_after=voucher.not_after.astimezone(zone),
        first_use=find.first_use(session, voucher.id, zone=zone) if reason == "already_used" else None,
    )


def _kept(session: Session, device_id: int, nonce: str) -> Scan | None:
    return session.exec(select(Scan).where(Scan.device_id == device_id, Scan.nonce == nonce)).one_or_none()


def _again(kept: Scan, reading: Reading, zone: ZoneInfo) -> Verdict:
    if kept.fingerprint != reading.fingerprint:
        raise NonceReused
    verdict = from_json(kept.answer)
    return verdict if kept.annulled_at is None else verdict.annulled(kept.annulled_at.astimezone(zone))


def _write(
    session: Session,
    verdict: Verdict,
    reading: Reading,
    found: Found | None,
    *,
    device: DeviceInHand,
    nonce: str,
    scanned_at: datetime,
    now: datetime,
) -> None:
    insert: Any = sqlite.insert if is_sqlite(session) else postgresql.insert
    ok = verdict.reason == OK
    row = {
        "id": verdict.scan_id,
        "device_id": device.id,
        "partner_id": device.partner_id,
        "place_id": device.place_id,
        "nonce": nonce,
        "voucher_id": found.voucher.id if found is not None else None,
        "voucher_bucket": found.voucher.bucket if found is not None else None,
        "fingerprint": reading.fingerprint,
        "result": "ok" if ok else "refused",
        "reason": None if ok else verdict.reason,
        "answer": verdict.as_json(),
        "scanned_at": scanned_at,
        "recorded_at": now,
    }
    written = session.execute(insert(_scan).values(row).on_conflict_do_nothing().returning(_scan.c.id))
    if written.scalar_one_or_none() is None:
        # A twin with this nonce was faster: what we used goes back with the transaction, its answer is ours.
        raise TryAgain
