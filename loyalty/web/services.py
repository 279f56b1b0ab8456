"""What a request may use: the settings, the database and the keys of the application it came to."""

import time
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from flask import Flask, current_app

from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.intake.seal import Sealer
from loyalty.programme.find import the_programme
from loyalty.settings import Settings
from loyalty.vouchers.token import VoucherKeys

_NAME = "loyalty"
_ZONE_SECONDS = 60


@dataclass(slots=True)
class _Zone:
    """The programme's time zone as it was read last."""

    zone: tzinfo = UTC
    stale_at: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One application's own; nothing is global, so two applications may live in one process."""

    settings: Settings
    db: Database
    voucher_keys: VoucherKeys
    sealer: Sealer
    _zone: _Zone = field(default_factory=_Zone)

    def zone(self) -> tzinfo:
        """The programme's time zone, in which dates are told; read again once a minute."""
        known = self._zone
        if known.stale_at <= time.monotonic():
            try:
                known.zone = self.db.read(the_programme).zone
            except NotFound:  # not set up yet
                known.zone = UTC
            known.stale_at = time.monotonic() + _ZONE_SECONDS
        return known.zone


def provide(app: Flask, services: Services) -> None:
    """Make `services` those of `app`."""
    app.extensions[_NAME] = services


def current_services() -> Services:
    """The services of the application that answers the current request."""
    services: Services = current_app.extensions[_NAME]
    return services
