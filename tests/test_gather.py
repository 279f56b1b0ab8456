"""Calls that come at once are done together, and each caller gets an answer or an error of its own."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from loyalty.errors import Busy
from loyalty.gather import Gatherer, Gatherers, OneByOne


class Work:
    """Doubles numbers, slowly enough for others to come; what it cannot double it says, or raises."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        self.batches: list[list[int]] = []

    def __call__(self, asked):
        self.batches.append(list(asked))
        if len(self.batches) == 1:
            self.gone.wait(5)
        if 99 in asked:
            raise Busy
        if any(each < 0 for each in asked):
            raise OneByOne if len(asked) > 1 else ValueError(asked[0])
        return [KeyError(each) if each == 13 else each * 2 for each in asked]


def came(gatherer, asked, work):
    """What each caller got, the first alone at work while the others arrive."""
    with ThreadPoolExecutor(len(asked)) as pool:
        first = pool.submit(partial(outcome, gatherer, asked[0]))
        while not work.batches:
            pass
        others = [pool.submit(partial(outcome, gatherer, each)) for each in asked[1:]]
        while len(gatherer._waiting) < len(asked) - 1:
            pass
        work.gone.set()
        return [each.result(10) for each in (first, *others)]


def outcome(gatherer, asked):
    try:
        return gatherer.do(asked)
    except Exception as problem:
        return repr(problem)


def test_those_who_wait_are_done_in_one_go_and_each_gets_its_own_answer():
    work = Work()
    assert came(Gatherer(work, most=50), list(range(1, 13)), work) == [each * 2 for each in range(1, 13)]
    assert [len(each) for each in work.batches] == [1, 11]


def test_an_error_of_one_is_not_the_others():
    work = Work()
    assert came(Gatherer(work, most=50), [1, 13, 3], work) == [2, "KeyError(13)", 6]
    work = Work()
    assert came(Gatherer(work, most=50), [1, -5, 3], work) == [2, "ValueError(-5)", 6]
    assert work.batches[1] in ([-5, 3], [3, -5]), "together first, then each alone"


def test_a_database_that_is_busy_is_said_to_all_at_once_and_not_asked_again_for_each():
    work = Work()
    assert came(Gatherer(work, most=50), [1, 99, 3], work) == [2, "Busy('busy')", "Busy('busy')"]
    assert len(work.batches) == 2


def test_no_more_than_so_many_are_done_in_one_go():
    work = Work()
    came(Gatherer(work, most=4), list(range(1, 12)), work)
    assert [len(each) for each in work.batches] == [1, 4, 4, 2]


def test_two_that_must_be_apart_take_turns():
    work = Work()
    assert came(Gatherer(work, apart=lambda asked: asked % 10, most=50), [1, 2, 12, 22, 3], work) == [2, 4, 24, 44, 6]
    for batch in work.batches:
        assert len({each % 10 for each in batch}) == len(batch)


def test_a_lone_caller_is_served_at_once_again_and_again():
    gatherer = Gatherer(lambda asked: list(asked), most=9)
    assert [gatherer.do(each) for each in range(100)] == list(range(100))


def test_an_answer_that_is_missing_is_an_error_and_nobody_waits_for_ever():
    with pytest.raises(ValueError, match="zip"):
        Gatherer(lambda _: [], most=9).do(1)


def test_gatherers_go_with_their_owner():
    class Owner:
        pass

    gatherers = Gatherers(lambda _owner, subject, asked: [subject * each for each in asked], most=9)
    owner = Owner()
    assert gatherers.of(owner, "ab").do(2) == "abab"
    assert gatherers.of(owner, "ab") is gatherers.of(owner, "ab")
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
