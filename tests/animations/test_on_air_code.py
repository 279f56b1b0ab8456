"""The on-air code: what is the same code, and what it is worth when."""

from datetime import timedelta

import pytest

from loyalty.animation import Accepted, Opened, Standing
from loyalty.animations.on_air_code import plugin
from loyalty.animations.spoken import fold, new_code
from loyalty.errors import Invalid, Refused
from tests.cast import MORNING


def code(spelled: str = "Tournesol 47", **settings: int) -> Opened:
    return Opened(
        slug="matinale",
        starts_at=MORNING,
        ends_at=MORNING + timedelta(hours=1),
        settings=plugin.load_settings(settings),
        solution=plugin.load_solution({"code": spelled}),
    )


def typed(text: str, *, minutes: float = 0, to: Opened | None = None) -> Accepted | Refused:
    said = plugin.load_answer({"code": text})
    return plugin.check(to or code(), said, Standing(attempts_left=4), MORNING + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "text", ["Tournesol 47", "tournesol47", " TOURNESOL-47 !", "tournésol  47", "ｔｏｕｒｎｅｓｏｌ４７"]
)
def test_case_accents_spaces_and_punctuation_do_not_count(text: str) -> None:
    assert isinstance(typed(text), Accepted)


@pytest.mark.parametrize("text", ["tournesol", "47", "tournesol 74", "tournesol 477", "!", "47 tournesol"])
def test_what_is_another_code_is_wrong_and_says_nothing_of_how_near_it_was(text: str) -> None:
    refused = typed(text)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.holes) == ("wrong_code", {"attempts_left": 4})


def test_ligatures_are_two_letters() -> None:
    assert fold("Cœur") == fold("COEUR")


def test_it_loses_the_same_each_minute_down_to_its_floor() -> None:
    worth = [typed("tournesol47", minutes=minutes) for minutes in (0, 0.99, 1, 5, 9.99, 10, 59)]
    assert [each.quantity for each in worth if isinstance(each, Accepted)] == [100, 100, 92, 60, 28, 20, 20]


def test_it_need_not_lose_anything() -> None:
    steady = code(units_at_air=50, units_floor=50)
    late = typed("tournesol47", minutes=59, to=steady)
    assert isinstance(late, Accepted)
    assert late.quantity == 50
    assert "rapide" not in plugin.how(steady)[0].fr
    assert "rapide" in plugin.how(code())[0].fr


def test_before_air_right_and_wrong_are_told_the_same() -> None:
    right, wrong = typed("tournesol47", minutes=-1), typed("jonquille 12", minutes=-1)
    assert isinstance(right, Accepted)
    assert right.hidden is not None
    assert isinstance(wrong, Refused)
    assert (right.hidden.code, right.hidden.holes) == (wrong.code, wrong.holes) == ("not_open_yet", {})


def test_a_code_it_makes_can_be_said_and_typed() -> None:
    made = {new_code() for _ in range(200)}
    assert len(made) > 150
    for each in made:
        word, number = each.split(" ")
        assert len(word) >= 5
        assert 10 <= int(number) <= 99
        assert isinstance(typed(fold(each), to=code(each)), Accepted)


def test_a_code_of_almost_nothing_is_none() -> None:
    for spelled in ("", "abc", "!!!!!!", "a b c"):
        with pytest.raises(Invalid):
            plugin.load_solution({"code": spelled})


def test_it_cannot_be_worth_more_later() -> None:
    with pytest.raises(Invalid, match="units_floor"):
        plugin.load_settings({"units_at_air": 10, "units_floor": 11})
