"""A fan who comes back is noted, once an hour, together with all who come back at that moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from loyalty import clock
from loyalty.access import sessions
from loyalty.db import Database
from loyalty.flows.stay import signed_in
from tests import cast
from tests.cast import MORNING
from tests.faults.failing import failing_at
from tests.makers.animations import crowd
from tests.makers.station import rows

LATER = MORNING + timedelta(hours=2)


def test_everybody_who_comes_back_at_once_is_noted_in_few_transactions_and_not_again_within_the_hour(
    db: Database,
) -> None:
    with clock.running_on(clock.stopped_at(MORNING)):
        cast.open_station(db)
        fans = crowd(db, 40)
        begin = partial(sessions.begin, kind=sessions.FAN, agent=None)
        tokens = [db.write(lambda session, fan_id=fan_id: begin(session, subject_id=fan_id)) for fan_id in fans]
    with clock.running_on(clock.stopped_at(LATER)), ThreadPoolExecutor(40) as pool:
        with failing_at(db) as came:
            assert [each.fan_id for each in pool.map(partial(signed_in, db), tokens)] == fans
        noted = rows(db, "SELECT count(*) FROM web_session WHERE last_seen_at > created_at")
        with failing_at(db) as again:
            list(pool.map(partial(signed_in, db), tokens))
    assert noted == [(40,)]
    assert rows(db, "SELECT count(*) FROM fan WHERE last_seen_at IS NOT NULL")[0] >= (40,)
    assert came.commits < 40, "one transaction each"
    assert again.commits == 0
