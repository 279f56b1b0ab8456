"""Words of both languages, and what the station calls its points in them."""

import contextvars

import pytest

from loyalty.i18n import Words, call_points, point_names

STARS = {"fr": ["étoile", "étoiles"], "en": ["star", "stars"]}


@pytest.mark.parametrize(
    ("count", "language", "told"),
    [(0, "fr", "0 étoile"), (1, "fr", "1 étoile"), (2, "fr", "2 étoiles"), (0, "en", "0 stars"), (1, "en", "1 star")],
)
def test_points_are_called_as_the_station_calls_them(count: int, language: str, told: str) -> None:
    def say() -> str:
        call_points(lambda: STARS)
        return Words(fr="{n:points}", en="{n:points}").say(language, n=count)

    assert contextvars.copy_context().run(say) == told


def test_their_name_can_stand_without_a_number() -> None:
    words = Words(fr="Vos {our_points} : {n:point_word}.", en="Your {our_points}: {n:point_word}.")
    assert words.say("fr", n=1) == "Vos points : point."

    def say() -> str:
        call_points(lambda: STARS)
        return words.say("en", n=3)

    assert contextvars.copy_context().run(say) == "Your stars: stars."


def test_a_hole_of_that_name_is_filled_with_what_is_given() -> None:
    assert Words(fr="{our_points}", en="{our_points}").say("fr", our_points="mots") == "mots"


def test_a_language_without_a_name_says_points() -> None:
    def say() -> tuple[str, str]:
        call_points(lambda: {"fr": ["étoile", "étoiles"]})
        return point_names("en")

    assert contextvars.copy_context().run(say) == ("point", "points")
