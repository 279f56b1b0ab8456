"""The agenda lets things happen in the order of time, with its clock at the moment of each."""

from datetime import timedelta

from loyalty.seed.agenda import Agenda
from tests.cast import MORNING


def test_what_is_put_on_it_happens_in_order_at_its_moment_and_may_bring_more_about() -> None:
    agenda = Agenda(MORNING)
    seen: list[tuple[str, float]] = []

    def note(name: str) -> None:
        seen.append((name, (agenda() - MORNING).total_seconds()))

    def first() -> None:
        note("first")
        agenda.at(MORNING + timedelta(seconds=2), lambda: note("second"))
        agenda.at(MORNING, lambda: note("late"))

    agenda.at(MORNING + timedelta(seconds=3), lambda: note("third"))
    agenda.at(MORNING + timedelta(seconds=9), lambda: note("tomorrow"))
    agenda.at(MORNING + timedelta(seconds=1), first)
    agenda.run(MORNING + timedelta(seconds=5))
    assert seen == [("first", 1), ("late", 1), ("second", 2), ("third", 3)]
    assert agenda() == MORNING + timedelta(seconds=5)
