"""Every job runs, whatever the installation has."""

import base64

import pytest

from loyalty.db import Database
from loyalty.jobs import jobs_of
from loyalty.settings import load
from tests.cast import ines, open_station

SECRETS = {
    "LOYALTY_SECRET_KEY": "a secret of the tests, and of nothing else",
    "LOYALTY_VOUCHER_KEYS": f"0:{base64.b64encode(b'k' * 32).decode()}",
}
MAIL = {"LOYALTY_MAIL_URL": "smtp://127.0.0.1:9", "LOYALTY_MAIL_FROM": "club@example.org"}


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, {"send mail": False, "tell expiry": False}),
        ({"LOYALTY_DEMO": "1"}, {"send mail": False, "tell expiry": True}),
        (MAIL, {"send mail": True, "tell expiry": True}),
    ],
)
def test_every_job_of_an_installation_runs(db: Database, environment: dict[str, str], told: dict[str, bool]) -> None:
    open_station(db)
    ines(db)
    jobs = jobs_of(load({**SECRETS, **environment}))
    names = [job.name for job in jobs]
    assert len(names) == len(set(names))
    assert {name: name in names for name in told} == told
    for job in jobs:
        job.flow(db)
