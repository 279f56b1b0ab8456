"""What asks for attention, each with the one thing to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from flask_babel import gettext, ngettext
from sqlmodel import Session

from loyalty.animations import results
from loyalty.fans import disputes
from loyalty.figures.count import ACTIVITIES
from loyalty.figures.days import Day, last_days
from loyalty.figures.find import kept_days
from loyalty.figures.run_out import TO_DELIVER, run_outs
from loyalty.intake.find import backlog
from loyalty.intake.sources import find_sources
from loyalty.ledger import verifications
from loyalty.ledger.tables import Verification
from loyalty.rules import drafts
from loyalty.staff import approvals
from loyalty.web.admin.links import link
from loyalty.web.fan.wording import network
from loyalty.web.language import spoken
from loyalty.web.looks import number

OLD_PROOF = timedelta(hours=48)
_LATE = timedelta(minutes=5)  # a delivery that waits longer is not being worked
_SEEN_DAYS, _LEAST_A_DAY = 14, 5  # a network that brings less may well be silent for a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that asks for attention; `address` is None where the reader may do nothing about it."""

    words: str
    action: str
    address: str | None
    grave: bool = False


def alerts(session: Session, today: Day, now: datetime) -> list[Alert]:
    """All of them, the gravest first."""
    found = [
        *_books(verifications.latest(session), now),
        *_animations(session),
        *_senders(session, today, now),
        *_stock(session, today),
        *_people(session),
    ]
    return sorted(found, key=lambda each: not each.grave)


def _books(latest: Verification | None, now: datetime) -> Iterator[Alert]:
    if latest is not None and latest.breaches:
        words = ngettext(
            "The books do not add up: %(count)s row is in breach.",
            "The books do not add up: %(count)s rows are in breach.",
            len(latest.breaches),
            count=number(len(latest.breaches)),
        )
        yield Alert(words=words, action=gettext("See which"), address="#books", grave=True)
    elif latest is not None and now - latest.finished_at > OLD_PROOF:
        yield Alert(
            words=gettext("The books have not been proved for two days: is the worker running?"),
            action=gettext("See how"),
            address="#books",
        )


def _animations(session: Session) -> Iterator[Alert]:
    for animation, count in results.waiting(session):
        name = animation.name_fr if spoken() == "fr" else animation.name_en
        words = ngettext(
            "%(name)s: %(count)s answer waits for a person.",
            "%(name)s: %(count)s answers wait for a person.",
            count,
            name=name,
            count=number(count),
        )
        where = link("admin.animations_one", "animations:read", slug=animation.slug, _anchor="queue")
        frozen = animation.frozen_at is not None
        yield Alert(words=words, action=gettext("Decide"), address=where, grave=frozen)


def _senders(session: Session, today: Day, now: datetime) -> Iterator[Alert]:
    kept = backlog(session)
    where = link("admin.deliveries", "deliveries:read")
    if kept.dead:
        words = ngettext(
            "%(count)s delivery could not be worked and was set aside.",
            "%(count)s deliveries could not be worked and were set aside.",
            kept.dead,
            count=number(kept.dead),
        )
        yield Alert(words=words, action=gettext("Look at them"), address=where, grave=True)
    if kept.oldest_received_at is not None and now - kept.oldest_received_at > _LATE:
        words = gettext("Deliveries wait since more than five minutes: is the worker running?")
        yield Alert(words=words, action=gettext("Look at them"), address=where, grave=True)
    for source in find_sources(session):
        if source.stopped_at is not None:
            words = gettext("%(source)s was stopped.", source=f"{source.connector}/{source.slug}")
            yield Alert(words=words, action=gettext("See why"), address=where)
    for silent in silent_networks(session, today):
        words = gettext("%(network)s has been silent since yesterday.", network=network(silent, spoken()) or silent)
        yield Alert(words=words, action=gettext("Look at its deliveries"), address=where)


def silent_networks(session: Session, today: Day) -> list[str]:
    """The networks that used to bring something every day, and brought nothing on the last day that is over."""
    last = last_days(_SEEN_DAYS, until=today.before(1))
    known = [each for each in kept_days(session, last, measure=ACTIVITIES) if each.known]
    if len(known) < _SEEN_DAYS // 2:
        return []
    by_network: dict[str, list[int]] = {}
    for at, each in enumerate(known):
        for key, amount in each.parts(ACTIVITIES).items():
            by_network.setdefault(key.partition(":")[0], [0] * len(known))[at] += amount
    return sorted(name for name, days in by_network.items() if not days[-1] and median(days) >= _LEAST_A_DAY)


def _stock(session: Session, today: Day) -> Iterator[Alert]:
    for each in run_outs(session, today):
        name = each.reward.name_fr if spoken() == "fr" else each.reward.name_en
        soon = each.median is not None and each.median < TO_DELIVER
        if not each.is_low and not soon:
            continue
        words = ngettext(
            "%(name)s: %(count)s unit left",
            "%(name)s: %(count)s units left",
            each.left,
            name=name,
            count=number(each.left),
        )
        if soon:
            words += gettext(", gone in about %(days)s days", days=number(each.median or 0))
        where = link("admin.rewards_one", "rewards:read", slug=each.reward.slug) or link(
            "admin.rewards", "rewards:read"
        )
        yield Alert(words=f"{words}.", action=gettext("Add stock"), address=where)


def _people(session: Session) -> Iterator[Alert]:
    requests, questions, written = (
        len(approvals.waiting(session)),
        disputes.how_many_open(session),
        len(drafts.waiting(session)),
    )
    if requests:
        words = ngettext(
            "%(count)s request waits for a second person.",
            "%(count)s requests wait for a second person.",
            requests,
            count=number(requests),
        )
        yield Alert(words=words, action=gettext("Decide"), address=link("admin.approvals", "approvals:read"))
    if questions:
        words = ngettext(
            "%(count)s question of a fan waits.",
            "%(count)s questions of fans wait.",
            questions,
            count=number(questions),
        )
        yield Alert(words=words, action=gettext("Answer"), address=link("admin.questions", "fans:read"))
    if written:
        words = ngettext(
            "%(count)s draft of a rule waits to be read.",
            "%(count)s drafts of rules wait to be read.",
            written,
            count=number(written),
        )
        yield Alert(words=words, action=gettext("Read"), address=link("admin.rules", "rules:read"))
