"""The contract fits what is not built yet: a prediction, written here in one class, whose result is known later."""

from datetime import datetime, timedelta

import pytest
from marshmallow import Schema, fields, validate

from loyalty import clock
from loyalty.animation import Accepted, AnimationKind, Opened, Said, Sentence, Standing
from loyalty.animations import find, kinds
from loyalty.animations.refusals import AlreadyAnswered, AnimationOver, NotOpenYet
from loyalty.db import Database
from loyalty.errors import Invalid, Refused
from loyalty.flows import review
from loyalty.flows.answer import answer
from loyalty.i18n import Words
from tests.cast import MORNING, ODILE, ines, marc, open_station, rule
from tests.makers.animations import again, open_code, states
from tests.makers.proof import adds_up
from tests.makers.rewards import balance


class _Choice(Schema):
    choice = fields.String(required=True, validate=validate.OneOf(["home", "draw", "away"]))


class _Prediction(AnimationKind):
    name = "prediction"
    title = Words(fr="Pronostic", en="Prediction")
    activity_kind = "prediction"
    answer = _Choice
    example_answer = {"choice": "home"}
    settled_later = True

    def how(self, opened: Opened) -> Sentence:
        return Words(fr="Qui va gagner ?", en="Who will win?"), {}

    def check(self, opened: Opened, said: Said, standing: Standing, now: datetime) -> Accepted | Refused:
        return Accepted(kept={"choice": said["choice"]})


@pytest.fixture
def kick_off(db: Database, monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(kinds, "known_kinds", lambda: {"prediction": _Prediction()})
    open_station(db)
    rule(db, "prediction", when={"kind": {"one_of": ["prediction"]}}, earn={"fixed": 15})
    open_code(db, slug="derby", kind="prediction", starts_at=MORNING, minutes=60, solution={})
    return MORNING + timedelta(minutes=60)


def choose(db: Database, fan_id: int, choice: str, at: datetime) -> str:
    with clock.running_on(clock.stopped_at(at)):
        return answer(db, "derby", fan_id=fan_id, said={"choice": choice}).state


def test_predictions_wait_for_the_result_and_the_right_ones_earn(db: Database, kick_off: datetime) -> None:
    right, wrong = ines(db).id, marc(db).id
    assert choose(db, right, "home", MORNING) == "in_review"
    assert choose(db, wrong, "away", kick_off - timedelta(seconds=1)) == "in_review"
    parts = db.read(lambda session: find.answers(session, again(db, "derby").id or 0, limit=9))
    assert [row.answer for row in parts] == [{"choice": "home"}, {"choice": "away"}]
    winners = [row.id for row in parts if row.answer == {"choice": "home"}]
    with clock.running_on(clock.stopped_at(kick_off + timedelta(hours=2))):
        assert review.release(db, "derby", actor=ODILE, reason="2-0", part_ids=winners).points == 15
        assert review.refuse(db, "derby", actor=ODILE, reason="2-0").left == 0
    assert (balance(db, right), balance(db, wrong)) == (15, 0)
    assert states(db, "derby") == {"recorded": 1, "refused": 1}
    assert adds_up(db)


def test_it_locks_by_the_clock_of_the_server(db: Database, kick_off: datetime) -> None:
    fan = ines(db).id
    with pytest.raises(NotOpenYet):
        choose(db, fan, "home", MORNING - timedelta(seconds=1))
    with pytest.raises(Invalid):
        choose(db, fan, "both", MORNING)
    choose(db, fan, "home", MORNING)
    with pytest.raises(AlreadyAnswered):
        choose(db, fan, "away", MORNING)
    with pytest.raises(AnimationOver):
        choose(db, fan, "home", kick_off)
