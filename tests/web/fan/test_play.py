"""A fan types the code said on air, on a page that works without a line of JavaScript."""

from datetime import timedelta

from loyalty import clock
from tests.makers.animations import AIR, open_code, pay_codes
from tests.makers.rewards import balance


def on_air(minutes=0.5):
    return clock.running_on(clock.stopped_at(AIR + timedelta(minutes=minutes)))


def test_the_code_on_air_stands_on_home_and_pays_at_once(ines, ines_at, db):
    pay_codes(db)
    open_code(db)
    assert "/play/matinale" not in ines_at.get("/").text
    with on_air():
        assert 'href="/play/matinale"' in ines_at.get("/").text
        page = ines_at.submit("/play/matinale", code=" TOURNESOL-47 ")
        assert page.status_code == 200
        assert "You earn 100 points." in page.text
        assert "/play/matinale" not in ines_at.get("/").text
        assert "Your answer is in" in ines_at.get("/play/matinale").text
    assert balance(db, ines.id) == 100


def test_a_wrong_code_says_how_many_attempts_are_left_and_keeps_the_form(ines, ines_at, db):
    pay_codes(db)
    open_code(db)
    with on_air():
        said = ines_at.submit("/play/matinale", code="coquelicot")
        assert 'role="alert"' in said.text
        assert "That is not the code. You have 4 attempts left." in said.text
        assert "You earn 100 points." in ines_at.submit("/play/matinale", code="tournesol 47").text


def test_the_page_speaks_french_first(ines_at, db):
    open_code(db)
    with on_air():
        ines_at.headers["Accept-Language"] = "fr"
        page = ines_at.get("/play/matinale?lang=fr").text
        assert "Écoutez l’émission et tapez ici le code donné à l’antenne" in page
        assert "Envoyer le code" in page


def test_what_is_not_on_air_is_not_found(ines_at, db):
    open_code(db)
    assert ines_at.get("/play/matinale").status_code == 404
    assert ines_at.get("/play/nothing").status_code == 404


def test_nobody_takes_part_without_signing_in_or_without_the_forms_token(new_browser, ines_at, db):
    open_code(db)
    with on_air():
        assert new_browser().get("/play/matinale").status_code == 401
        assert ines_at.send("POST", "/play/matinale", data={"code": "tournesol 47"}).status_code == 400


def test_a_form_with_something_else_in_it_is_refused(ines_at, db):
    open_code(db)
    with on_air():
        assert ines_at.submit("/play/matinale", code="x", points="1000").status_code == 422
