"""What a request may use: the settings, the database and the keys of the application it came to."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar

from flask import Flask, current_app
from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.i18n import POINT_NAMES, PointNames
from loyalty.intake.seal import Sealer
from loyalty.pictures import find as pictures
from loyalty.pictures.find import Shown
from loyalty.programme.expiry import Never, Policy
from loyalty.programme.find import the_programme
from loyalty.programme.tables import BRAND_COLOUR
from loyalty.settings import Settings
from loyalty.vouchers.token import VoucherKeys

_NAME = "loyalty"
_STALE_SECONDS = 60
_FRESH = timedelta(seconds=2)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the pages show of the programme; neutral until it is set up."""

    name: str = "Loyalty"
    zone: tzinfo = UTC
    brand_colour: str = BRAND_COLOUR
    point_names: PointNames = field(default_factory=lambda: POINT_NAMES)
    logo: Shown | None = None
    expiry: Policy = field(default_factory=Never)
    expiry_notice_days: Sequence[int] = ()


@dataclass(slots=True)
class _Known:
    """The programme as it was read last."""

    look: Look = field(default_factory=Look)
    stale_at: float = 0


@dataclass(frozen=True, slots=True)
class _Read:
    """What one reader found, when, and after how many changes by staff."""

    at: datetime
    changes: int
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One application's own; nothing is global, so two applications may live in one process."""

    settings: Settings
    db: Database
    voucher_keys: VoucherKeys
    sealer: Sealer
    _known: _Known = field(default_factory=_Known)
    _shared: dict[Callable[[Session], Any], _Read] = field(default_factory=dict)

    def zone(self) -> tzinfo:
        """The programme's time zone, in which dates are told."""
        return self.look().zone

    def shared(self, read: Callable[[Session], T]) -> T:
        """What is the same for everybody: at most two seconds old, and no older than what staff changed through here.

        Args:
            read: a function of a module, which is what its answer is known by; nobody may change that answer.
        """
        now, changes = clock.now(), self.db.changes
        known = self._shared.get(read)
        if known is None or known.changes != changes or not timedelta() <= now - known.at < _FRESH:
            known = self._shared[read] = _Read(now, changes, self.db.read(read))
        found: T = known.value
        return found

    def look(self) -> Look:
        """What the pages show of the programme; read again once a minute."""
        known = self._known
        if known.stale_at <= time.monotonic():
            try:
                known.look = self.db.read(_look)
            except NotFound:  # not set up yet
                known.look = Look()
            known.stale_at = time.monotonic() + _STALE_SECONDS
        return known.look

    def forget_look(self) -> None:
        """Read the programme again when it is next asked for: it was just changed here."""
        self._known.stale_at = 0


def _look(session: Session) -> Look:
    read = the_programme(session)
    return Look(
        name=read.name,
        zone=read.zone,
        brand_colour=read.brand_colour,
        point_names=read.point_names,
        expiry=read.expiry,
        expiry_notice_days=read.expiry_notice_days,
        logo=pictures.shown(session, [read.logo_id]).get(read.logo_id or 0),
    )


def provide(app: Flask, services: Services) -> None:
    """Make `services` those of `app`."""
    app.extensions[_NAME] = services


def current_services() -> Services:
    """The services of the application that answers the current request."""
    services: Services = current_app.extensions[_NAME]
    return services
