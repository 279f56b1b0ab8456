"""Everything that happened to a fan in one list, the latest first, each line with its why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlmodel import Session

from loyalty.activities import browse
from loyalty.fans import disputes
from loyalty.fans.identities import fan_ids_merged_into, holder_ids_of_fan
from loyalty.flows.adjust import ACTION as ADJUSTED
from loyalty.flows.adjust import CAUSE as ADJUSTMENT
from loyalty.flows.merge_fans import CAUSE as MERGED
from loyalty.ledger import find as ledger
from loyalty.staff import audit
from loyalty.staff.tables import AuditRecord
from loyalty.vouchers import find as vouchers
from loyalty.vouchers.reasons import REASONS
from loyalty.web.admin import wording
from loyalty.web.fan import told
from loyalty.web.fan.told import Told
from loyalty.web.language import spoken

SHOWS = ("all", "activities", "refused", "points", "scans", "staff", "questions")
_MOST_ADJUSTMENTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line.

    Attributes:
        key: all kinds are numbered by the same clock, so one number pages through them all.
        look: "gain", "loss", "refused", "measured", "withdrawn", "scan", "staff", "question".
        who: the member of staff who did it.
        address: where more is told.
    """

    key: int
    at: datetime
    look: str
    title: str
    why: str
    where: str | None = None
    points: int = 0
    status_points: int = 0
    who: str | None = None
    address: str | None = None


def of_fan(session: Session, fan_id: int, *, show: str, before: int | None, limit: int) -> list[Line]:
    """At most `limit` lines older than the line `before`.

    Args:
        show: one of `SHOWS`.
    """
    page = _Page(session, fan_id, before, limit)
    kinds: dict[str, tuple[Callable[[], list[Line]], ...]] = {
        "all": (page.activities, page.entries, page.scans, page.staff, page.questions),
        "activities": (page.activities,),
        "refused": (lambda: page.activities("refused"),),
        "points": (lambda: page.entries(but=()),),
        "scans": (page.scans,),
        "staff": (lambda: page.staff(but=None),),
        "questions": (page.questions,),
    }
    found = [line for kind in kinds[show] for line in kind()]
    return sorted(found, key=lambda line: line.key, reverse=True)[:limit]


@dataclass(frozen=True, slots=True)
class _Page:
    """Each kind of lines of one fan, as many as a page may need."""

    session: Session
    fan_id: int
    before: int | None
    limit: int

    def activities(self, outcome: str | None = None) -> list[Line]:
        """What the fan did, and what each rule said."""
        holders = holder_ids_of_fan(self.session, self.fan_id)
        rows = browse.activities(
            self.session, limit=self.limit, below_id=self.before, holder_ids=holders, outcome=outcome
        )
        return [
            _line(each, address=wording.subject_address(f"activity:{each.key}"))
            for each in told.activities(self.session, rows)
        ]

    def entries(self, but: tuple[str, ...] = ("activity",)) -> list[Line]:
        """What changed the balance, also of who was merged into the fan; by hand: who did it, and why."""
        reasons = self._reasons()
        lines = []
        for holder_id in (self.fan_id, *fan_ids_merged_into(self.session, self.fan_id)):
            left_out = but if holder_id == self.fan_id else (*but, MERGED)
            found = ledger.lines(self.session, holder_id, limit=self.limit, below_id=self.before, but_causes=left_out)
            by_hand = {line.id: reasons.get(str(line.cause_id)) for line in found if line.cause == ADJUSTMENT}
            redemptions = {line.id: line.cause_id for line in found if line.cause in ("redemption", "cancellation")}
            for each in told.lines(self.session, found, fan_id=self.fan_id):
                redemption = redemptions.get(each.key)
                address = redemption and wording.subject_address(f"redemption:{redemption}")
                lines.append(_line(each, record=by_hand.get(each.key), address=address or None))
        return lines

    def scans(self) -> list[Line]:
        """Where the fan's vouchers were read."""
        rows = vouchers.latest_scans_of_fan(self.session, self.fan_id, limit=self.limit, below_id=self.before)
        return [_scan(row) for row in rows]

    def staff(self, but: str | None = ADJUSTED) -> list[Line]:
        """What staff did to the fan; corrections of points stand with the points."""
        numbers = (self.fan_id, *fan_ids_merged_into(self.session, self.fan_id))
        found = audit.find(
            self.session,
            limit=self.limit,
            below_id=self.before,
            subjects=[f"fan:{each}" for each in numbers],
            but_action=but,
        )
        return [
            Line(
                key=each.id,
                at=each.at,
                look="staff",
                title=wording.action(each.action),
                why=each.reason or "",
                who=wording.actor(each.actor),
                address=url_for("admin.audit_record", record_id=each.id),
            )
            for each in found
        ]

    def questions(self) -> list[Line]:
        """What the fan asked, and what was answered."""
        return [
            Line(
                key=each.id,
                at=each.asked_at,
                look="question",
                title=gettext("Question") if each.answer is None else gettext("Question, answered"),
                why=each.text,
                who=None if each.answered_by is None else wording.actor(each.answered_by),
                address=url_for("admin.questions_one", dispute_id=each.id),
            )
            for each in disputes.of_fan(self.session, self.fan_id)
            if self.before is None or each.id < self.before
        ]

    def _reasons(self) -> dict[str, AuditRecord]:
        numbers = (self.fan_id, *fan_ids_merged_into(self.session, self.fan_id))
        found = audit.find(
            self.session,
            limit=_MOST_ADJUSTMENTS,
            subjects=[f"fan:{each}" for each in numbers],
            action=ADJUSTED,
        )
        return {each.after["form"]: each for each in found if isinstance(each.after, dict) and "form" in each.after}


def _line(each: Told, *, record: AuditRecord | None = None, address: str | None = None) -> Line:
    who = None if record is None else wording.actor(record.actor)
    return Line(
        key=each.key,
        at=each.at,
        look=each.state,
        title=each.title,
        where=each.place,
        why=each.why if record is None else record.reason or "",
        points=each.points,
        status_points=each.status_points,
        who=who,
        address=address if record is None else url_for("admin.audit_record", record_id=record.id),
    )


def _scan(row: Any) -> Line:
    if row.annulled_at is not None:
        why = gettext("Undone: the voucher can be used again.")
    elif row.result == "ok":
        why = gettext("Handed over.")
    else:
        why = _refusal(row.reason)
    return Line(
        key=row.id,
        at=row.recorded_at,
        look="scan" if row.result == "ok" and row.annulled_at is None else "refused",
        title=gettext("Voucher scanned: %(reward)s", reward=row.name_fr if spoken() == "fr" else row.name_en),
        where=row.place,
        why=why,
        address=wording.subject_address(f"redemption:{row.redemption_id}"),
    )


def _refusal(reason: str | None) -> str:
    """A reason in words; those that need a date or a place are told without it."""
    words = REASONS.get(reason or "")
    if words is None:
        return reason or ""
    said = getattr(words, spoken())
    return str(said.partition("{")[0].rstrip(" :,") + "." if "{" in said else said)
