"""What runs on its own: each job a name, a period and a flow; every one is safe to kill and safe to run twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.flows.activate import activate_points
from loyalty.flows.believe_clock import refuse_a_leap
from loyalty.flows.change_expiry import apply_expiry
from loyalty.flows.count_days import count_days
from loyalty.flows.deliver import deliver_due, forget_bodies
from loyalty.flows.expire import expire_points
from loyalty.flows.expire_vouchers import expire_vouchers
from loyalty.flows.forget_inactive import forget_inactive
from loyalty.flows.hold import release_holds
from loyalty.flows.limit import forget_counts
from loyalty.flows.link_code import forget_link_codes, link_heard
from loyalty.flows.once import forget_answers
from loyalty.flows.reverse import settle_withdrawals
from loyalty.flows.review_tiers import review_tiers
from loyalty.flows.seal import seal_entries
from loyalty.flows.send_mail import forget_mail, send_due
from loyalty.flows.stay import forget_sessions
from loyalty.flows.tell_expiry import tell_expiry
from loyalty.flows.upload_import import forget_uploads
from loyalty.flows.verify import verify_nightly
from loyalty.flows.void_animation import take_back_voided
from loyalty.flows.watch import watch_animations
from loyalty.flows.work_uploads import work_uploads
from loyalty.gateways.mail import MailServer
from loyalty.ledger.checkpoint import SigningKey
from loyalty.settings import Settings

log = logging.getLogger("loyalty.jobs")
IDLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do every `period_seconds`; its flow returns how much it did, if it counts.

    Attributes:
        for_good: whether it does by the clock alone what no correction of the clock would undo.
    """

    name: str
    period_seconds: float
    flow: Callable[[Database], Any]
    for_good: bool = False


JOBS: tuple[Job, ...] = (
    Job("work deliveries", 0.5, deliver_due),
    Job("work uploads", 0.5, work_uploads),
    Job("watch animations", 5, watch_animations),
    Job("take back voided", 5, take_back_voided),
    Job("settle withdrawals", 30, settle_withdrawals),
    Job("link accounts", 30, link_heard),
    Job("expire vouchers", 300, expire_vouchers, for_good=True),
    Job("expire points", 3_600, expire_points, for_good=True),
    Job("apply expiry", 5, apply_expiry),
    Job("activate points", 60, activate_points, for_good=True),
    Job("review tiers", 60, review_tiers, for_good=True),
    Job("release holds", 60, release_holds, for_good=True),
    Job("count days", 60, count_days, for_good=True),
    Job("verify", 1_800, verify_nightly, for_good=True),
    Job("forget answers", 3_600, forget_answers, for_good=True),
    Job("forget counts", 3_600, forget_counts, for_good=True),
    Job("forget deliveries", 86_400, forget_bodies, for_good=True),
    Job("forget mail", 86_400, forget_mail, for_good=True),
    Job("forget inactive fans", 86_400, forget_inactive, for_good=True),
    Job("forget uploads", 86_400, forget_uploads, for_good=True),
    Job("forget sessions", 3_600, forget_sessions, for_good=True),
    Job("forget link codes", 3_600, forget_link_codes, for_good=True),
)


def jobs_of(settings: Settings) -> tuple[Job, ...]:
    """Every job of an installation: e-mails leave where there is a mail server, seals are made where there is a key."""
    jobs = list(JOBS)
    if settings.secret_key:
        key = SigningKey(settings.secret_key)
        jobs.append(Job("seal", 300, lambda db: seal_entries(db, key)))
    if settings.mail_url:
        server = MailServer(settings.mail_url, settings.mail_from)
        jobs.insert(0, Job("send mail", 1, lambda db: send_due(db, server)))
    if settings.mail_url or settings.demo:  # what is never sent is not worth writing
        tell = Job("tell expiry", 3_600, lambda db: tell_expiry(db, public_url=settings.public_url), for_good=True)
        jobs.append(tell)
    return tuple(jobs)


def run_jobs(db: Database, *, stop: Event, jobs: tuple[Job, ...] = JOBS) -> None:
    """Run every job when it is due, one after the other, until `stop` is set; a job that fails is tried next time."""
    due = dict.fromkeys(jobs, 0.0)
    while not stop.is_set():
        for job in jobs:
            if time.monotonic() >= due[job] and not stop.is_set():
                run_once(db, job)
                due[job] = time.monotonic() + job.period_seconds
        stop.wait(min(IDLE_SECONDS, *(max(0.0, at - time.monotonic()) for at in due.values())) or 0.01)


def run_once(db: Database, job: Job) -> None:
    """Run one job now; what the database refuses is logged, not raised."""
    started = time.monotonic()
    try:
        if job.for_good:
            refuse_a_leap(db)
        done = job.flow(db)
    except (Refused, SQLAlchemyError) as problem:
        log.exception("job failed", extra={"job": job.name, "problem": type(problem).__name__})
        return
    if done:
        seconds = round(time.monotonic() - started, 3)
        log.info("job done", extra={"job": job.name, "count": done, "seconds": seconds})
