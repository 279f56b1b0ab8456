"""The page with the code, and what it says once the code was typed."""

import re
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.activities.fact import ActivityFact
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.link_code import listen
from loyalty.flows.manage_sources import add_source
from loyalty.intake.seal import Sealer
from tests import cast
from tests.cast import MORNING, chat

PATH = "/profile/networks/twitch"


@pytest.fixture(autouse=True)
def source(app, db, settings):
    sealer = Sealer(settings.secret_key, settings.secret_key_fallbacks)
    add_source(db, sealer, connector="twitch", slug="main", actor=cast.ODILE)


def show(browser) -> str:
    assert browser.submit(PATH).location == PATH
    return re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", browser.get(PATH).text)[0]


def say(db, code: str, **facts) -> None:
    said: ActivityFact = chat(1, text=code, **facts)
    earn(db, [said], source="test")
    listen(db, [said])


def test_the_profile_leads_to_the_code_and_the_code_to_the_link(ines_at, db):
    assert f'href="{PATH}"' in ines_at.get("/profile").text
    code = show(ines_at)
    page = ines_at.get(PATH).text
    assert f"!link {code}" in page and "another 15 minutes" in page
    say(db, f"!link {code}", actor_name="Inès_A")
    assert "your account <bdi>Inès_A</bdi> (Twitch) is linked" in ines_at.get(PATH).text
    assert "Inès_A" in ines_at.get("/profile").text


def test_one_sees_how_long_it_is_good_and_that_it_is_over(ines_at):
    show(ines_at)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=14, seconds=10))):
        assert "another 1 minute." in ines_at.get(PATH).text
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=15))):
        page = ines_at.get(PATH).text
        assert "of no use any more" in page and "Another code" in page


def test_an_account_of_another_fan_is_refused_without_a_name(ines_at, db):
    link(db, fan_id=cast.marc(db).id, network="twitch", external_id="tw-marc", actor=cast.ODILE)
    say(db, show(ines_at), actor="tw-marc", actor_name="Marco")
    page = ines_at.get(PATH).text
    assert "linked to another fan already" in page and "Marco" not in page


def test_a_code_belongs_to_who_asked_for_it_and_leaves_with_the_sign_out(ines_at, db, new_browser):
    code = show(ines_at)
    cast.marc(db)
    ines_at.submit("/sign-out", on="/profile")
    ines_at.sign_in("marc@example.org")
    assert code not in ines_at.get(PATH).text


def test_too_many_codes_are_refused_in_words(ines_at):
    for _ in range(10):
        show(ines_at)
    response = ines_at.submit(PATH)
    assert response.status_code == 429 and "A little patience" in response.text.replace("a little", "A little")


def test_a_network_nobody_listens_to_is_not_there(ines_at):
    assert ines_at.get("/profile/networks/discord").status_code == 404
    assert ines_at.submit("/profile/networks/discord", on="/profile").status_code == 404
    assert ines_at.get("/profile/networks/elsewhere").status_code == 404


def test_a_code_in_an_activity_sent_to_the_api_links_too(ines_at, db, app):
    from loyalty.flows.manage_keys import make_key
    from tests.web.client import Client

    token = make_key(db, name="chat", scopes_wanted=("activities:write",), actor=cast.ODILE).token
    body = {"network": "discord", "actor": "7", "kind": "comment", "object": "o", "id": "1", "text": show(ines_at)}
    assert Client(app, token).post("/activities", body).status_code == 201
    assert "your account <bdi>7</bdi> (Discord) is linked" in ines_at.get(PATH).text
    again = {**body, "id": "2", "actor": "8", "text": show(ines_at)}
    assert Client(app, token).post("/activities/batch", [again]).status_code == 200
    assert "your account <bdi>8</bdi> (Discord) is linked" in ines_at.get(PATH).text


def test_an_account_is_given_up_after_a_look_at_what_that_means(ines_at, ines, db):
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=cast.ODILE)
    path = f"{PATH}/tw-ines/unlink"
    assert f'href="{path}"' in ines_at.get("/profile").text
    assert "stays with you" in ines_at.get(path).text
    assert "tw-ines" in ines_at.get("/profile").text, "a look changes nothing"
    assert ines_at.submit(path).location == "/profile"
    assert "tw-ines" not in ines_at.get("/profile").text
    assert ines_at.get(path).status_code == 404
    assert ines_at.submit(path, on="/profile").status_code == 404


def test_an_account_of_another_fan_cannot_be_given_up(ines_at, db):
    link(db, fan_id=cast.marc(db).id, network="twitch", external_id="tw-marc", actor=cast.ODILE)
    path = f"{PATH}/tw-marc/unlink"
    assert ines_at.get(path).status_code == 404
    assert ines_at.submit(path, on="/profile").status_code == 404


def test_giving_up_again_and_again_is_bounded(ines_at, ines, db):
    path = f"{PATH}/tw-ines/unlink"
    for _ in range(3):
        link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=cast.ODILE)
        assert ines_at.submit(path).status_code == 303
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=cast.ODILE)
    refused = ines_at.submit(path)
    assert refused.status_code == 429 and "write to the station" in refused.text
