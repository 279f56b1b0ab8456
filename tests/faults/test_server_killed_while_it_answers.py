"""A server killed at any moment loses nothing it acknowledged, and what is sent again is not done again (R1)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from loyalty.bench.pages import new_settings
from loyalty.db import Database
from tests.faults.clients import gather_crowd, insisting, nothing_lost_or_doubled
from tests.faults.conftest import Dose
from tests.faults.serving import Serving

SEED = 47


@pytest.mark.timeout(3_600)
def test_whatever_was_acknowledged_is_there_once(
    db: Database, database_url: str, dose: Dose, record_property: Callable[[str, object], None]
) -> None:
    chance, crowd = random.Random(SEED), gather_crowd(db)
    with Serving(new_settings(database_url)) as serving:
        with insisting(serving.port, crowd, seed=SEED) as told:
            for _ in range(dose(3, 100)):
                time.sleep(chance.uniform(0.05, 0.6))
                serving.kill()
                serving.start()
            time.sleep(0.3)
        record_property("seconds to start again", serving.took_to_start[1:])
        assert told.unreached, "nobody met a killed server: the test is empty"
    assert nothing_lost_or_doubled(db, told), f"seed {SEED}"
