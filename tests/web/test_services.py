"""What is the same for everybody is read once for many, and is never older than it may be."""

from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.flows.manage_programme import add_show
from loyalty.programme.find import shows
from loyalty.staff import audit
from loyalty.web.services import current_services
from tests.cast import MORNING, ODILE
from tests.makers.station import rows


@pytest.fixture
def read(app):
    """How often the shows were read, each time somebody asks for them."""
    times = []

    def counted(session):
        times.append(1)
        return shows(session)

    def ask(after=0.0):
        with clock.running_on(clock.stopped_at(MORNING + timedelta(seconds=after))), app.app_context():
            current_services().shared(counted)
        return len(times)

    return ask


def test_it_is_read_once_for_all_who_ask_within_two_seconds(read):
    assert [read(), read(), read(1.9)] == [1, 1, 1]


def test_after_two_seconds_it_is_read_again(read):
    assert [read(), read(2), read(3.9), read(4)] == [1, 2, 2, 3]


def test_a_clock_that_was_put_back_makes_nothing_last(read):
    assert [read(), read(-3600)] == [1, 2]


def test_what_staff_change_here_is_seen_at_once(read, db):
    assert read() == 1
    add_show(db, slug="matinale", name="La Matinale", actor=ODILE)
    assert read() == 2


def test_a_change_that_was_rolled_back_changes_nothing(read, db):
    def steps(session):
        audit.record(session, actor=ODILE, action="show.added", subject="show:x")
        raise LookupError

    assert read() == 1
    with pytest.raises(LookupError):
        db.write(steps)
    assert read() == 1
    assert rows(db, "SELECT count(*) FROM audit_record WHERE subject = 'show:x'") == [(0,)]
