"""A station whose points are stars: nothing a fan reads calls them points."""

import re

import pytest
from flask import Flask
from sqlmodel import Session

from loyalty.db import Database
from loyalty.fans.tables import Fan
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.redeem import redeem
from loyalty.programme.tables import Programme
from tests import cast
from tests.cast import ODILE
from tests.makers.rewards import coffee
from tests.makers.tiers import ladder
from tests.web.fan.conftest import Browser

PAGES = ("/", "/earn", "/history", "/history?show=activities", "/history?show=refused", "/rewards", "/rewards/coffee",
         "/rewards/dear", "/rewards/gone", "/vouchers", "/tier", "/give", "/profile",
         "/profile/networks/twitch", "/profile/erase")  # fmt: skip
OURS = re.compile(r"\bpoints?\b", re.IGNORECASE)


@pytest.fixture
def ines(app: Flask, db: Database) -> Fan:
    """A fan with sixty stars, one refusal, one status star and a voucher."""

    def rename(session: Session) -> None:
        station = session.get(Programme, 1)
        assert station is not None
        station.point_names = {"fr": ["étoile", "étoiles"], "en": ["star", "stars"]}
        station.transfers_allowed = True

    db.write(rename)
    cast.rule(db, earn={"fixed": 60}, limits={"per_day": {"points": 90}})
    ladder(db, silver=5)
    cast.rule(db, "rank", **{"class": "status_only", "earn": {"fixed": 1}})
    cast.rule(db, "double", earn={"multiply_percent": 200}, limits={"budget_points": 60})
    ines = cast.ines(db)
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [cast.chat(number, minutes=number - 10) for number in range(4)], source="test")
    coffee(db, cost_points=5)
    coffee(db, slug="dear", cost_points=5_000)
    coffee(db, slug="gone", units=0)
    redeem(db, fan_id=ines.id, reward_slug="coffee")
    return ines


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_page_of_a_fan_says_points(ines_at: Browser, language: str) -> None:
    assert ines_at.get(f"/?lang={language}").status_code == 200
    for path in PAGES:
        text = re.sub(r"<[^>]*>", " ", ines_at.get(path).text)
        assert not OURS.search(text), (path, text[max(0, OURS.search(text).start() - 80) :][:160])  # type: ignore[union-attr]
    assert {"fr": "étoiles", "en": "stars"}[language] in ines_at.get("/earn").text
