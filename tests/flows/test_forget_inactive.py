"""Who gave no sign of life for three years is warned a month ahead and then forgotten, and the books still hold."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loyalty import clock
from loyalty.db import Database, Joined
from loyalty.fans import seen
from loyalty.flows import forget_inactive as job
from loyalty.flows.earn import earn
from loyalty.flows.erase import erase_fan
from loyalty.flows.forget_inactive import NOTICE, forget_inactive, months_before
from loyalty.flows.link import link, register
from loyalty.flows.redeem import redeem
from loyalty.flows.send_mail import latest
from tests.cast import MORNING, ODILE, chat, ines, marc, open_station, rule
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.makers.station import rows

DUE = datetime(2029, 11, 23, 7, 0, tzinfo=UTC)  # three years after the morning
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with clock.running_on(clock.stopped_at(MORNING)):
        open_station(db, months=None)
        rule(db, earn={"fixed": 100})
        yield
        assert adds_up(db)


def run(db: Database, at: datetime) -> int:
    with clock.running_on(clock.stopped_at(at)):
        return forget_inactive(db)


def erased(db: Database) -> list[Any]:
    return [row[0] for row in rows(db, "SELECT id FROM fan WHERE erased_at IS NOT NULL")]


def test_a_fan_who_stays_away_is_warned_once_and_then_erased(db: Database) -> None:
    fan = ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1)], source="test")
    assert run(db, DUE - NOTICE) == 0
    assert [run(db, DUE - NOTICE + DAY) for _ in range(2)] == [1, 0]
    (mail,) = latest(db)
    assert mail.recipient == "ines@example.org"
    assert "23 décembre" not in mail.text and "24 novembre 2029" in mail.text and "36 mois" in mail.text
    assert run(db, DUE) == 0
    assert [run(db, DUE + DAY) for _ in range(2)] == [1, 0]
    assert erased(db) == [fan.id]
    assert rows(db, "SELECT count(*) FROM outgoing_mail") == [(0,)]
    assert rows(db, "SELECT external_id FROM identity WHERE external_id = 'tw-ines'") == []
    assert rows(db, "SELECT sum(balance) FROM holder") == [(100,)]


def comes_back(db: Database, fan_id: int) -> None:
    db.write(lambda session: seen.note_seen(session, [fan_id]))


def acts(db: Database, fan_id: int) -> None:
    earn(db, [chat(1, actor=str(fan_id), network="station", happened_at=clock.now())], source="test")


def exchanges(db: Database, fan_id: int) -> None:
    redeem(db, fan_id=fan_id, reward_slug="coffee")


def links(db: Database, fan_id: int) -> None:
    link(db, fan_id=fan_id, network="twitch", external_id="tw-ines", actor=ODILE)


@pytest.mark.parametrize("sign", [comes_back, acts, exchanges, links])
def test_any_sign_of_life_keeps_a_fan_for_another_three_years(db: Database, sign: Any) -> None:
    fan = ines(db)
    coffee(db)
    earn(db, [chat(1, actor=str(fan.id), network="station", external_id="m-0")], source="test")
    with clock.running_on(clock.stopped_at(MORNING + 400 * DAY)):
        sign(db, fan.id)
    assert run(db, DUE + DAY) == 0
    assert run(db, DUE + 400 * DAY) == 1  # warned
    assert run(db, DUE + 400 * DAY + NOTICE) == 1
    assert erased(db) == [fan.id]


def test_who_comes_back_after_the_warning_stays_and_would_be_warned_again(db: Database) -> None:
    fan = ines(db)
    run(db, DUE - DAY)
    with clock.running_on(clock.stopped_at(DUE)):
        comes_back(db, fan.id)
    assert run(db, DUE + NOTICE) == 0
    assert run(db, DUE + 1100 * DAY) == 1
    assert len(latest(db)) == 2
    assert erased(db) == []


def test_nobody_is_erased_sooner_than_a_month_after_the_warning(db: Database) -> None:
    fan = ines(db)
    late = DUE + 200 * DAY  # nothing ran for a while
    assert run(db, late) == 1
    assert run(db, late + NOTICE - DAY) == 0
    assert run(db, late + NOTICE) == 1
    assert erased(db) == [fan.id]


def test_a_fan_without_an_address_is_forgotten_without_a_letter(db: Database) -> None:
    register(db, display_name="Inconnue", actor=ODILE)
    assert (run(db, DUE), run(db, DUE + NOTICE)) == (1, 1)
    assert latest(db) == []
    assert rows(db, "SELECT display_name FROM fan") == [(None,)]


def test_an_account_that_nobody_linked_loses_its_name_and_its_points_stay_nobodys(db: Database) -> None:
    earn(db, [chat(1, actor_name="Inès_A"), chat(2, actor="tw-lively")], source="test")
    with clock.running_on(clock.stopped_at(MORNING + 400 * DAY)):
        earn(db, [chat(3, actor="tw-lively", happened_at=clock.now())], source="test")
    assert [run(db, DUE + DAY) for _ in range(2)] == [1, 0]
    names = rows(db, "SELECT external_id, name FROM identity ORDER BY external_id DESC")
    assert names[0] == ("tw-lively", None)
    assert names[1][0].startswith("erased:") and names[1][1] is None
    assert rows(db, "SELECT sum(balance) FROM holder") == [(300,)]


def test_a_run_that_is_killed_is_finished_by_the_next(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    fans = {ines(db).id, marc(db).id}
    run(db, DUE)

    def dies(here: Joined, *, fan_id: int, actor: str) -> None:
        if erased(db):
            raise KeyboardInterrupt
        erase_fan(here, fan_id=fan_id, actor=actor)

    monkeypatch.setattr(job, "erase_fan", dies)
    with pytest.raises(KeyboardInterrupt):
        run(db, DUE + NOTICE)
    monkeypatch.undo()
    assert len(erased(db)) == 1
    run(db, DUE + NOTICE)
    assert set(erased(db)) == fans


def test_many_are_warned_in_pieces_and_each_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "_AT_ONCE", 3)
    for number in range(8):
        register(db, email=f"fan{number}@example.org", actor=ODILE)
    assert run(db, DUE) == 8
    assert len({mail.recipient for mail in latest(db)}) == len(latest(db)) == 8
    assert run(db, DUE + NOTICE) == 8


def test_who_comes_back_while_the_job_runs_is_not_erased(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    fans = [ines(db).id, marc(db).id]
    run(db, DUE)

    def while_the_other_comes_back(here: Joined, *, fan_id: int, actor: str) -> None:
        erase_fan(here, fan_id=fan_id, actor=actor)
        here.write(lambda session: seen.note_seen(session, [fans[1]]))

    monkeypatch.setattr(job, "erase_fan", while_the_other_comes_back)
    assert run(db, DUE + NOTICE) == 1
    assert erased(db) == [fans[0]]


def test_three_years_before_a_29_february_is_the_28th() -> None:
    assert months_before(datetime(2028, 2, 29, 12, tzinfo=UTC), 36) == datetime(2025, 2, 28, 12, tzinfo=UTC)
    assert months_before(datetime(2026, 1, 31, tzinfo=UTC), 2) == datetime(2025, 11, 30, tzinfo=UTC)


def test_a_visit_is_kept_to_the_day(db: Database) -> None:
    fan = ines(db)
    comes_back(db, fan.id)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=5))):
        comes_back(db, fan.id)
    ((at,),) = rows(db, "SELECT last_seen_at FROM fan")
    midnight = MORNING.replace(hour=0)
    assert at in (midnight, int(midnight.timestamp() * 1_000_000))
