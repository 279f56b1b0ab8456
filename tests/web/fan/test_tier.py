"""A fan reads which tier is theirs, until when, what is missing, and how it came to be."""

from datetime import UTC, datetime

from loyalty import clock, ids
from loyalty.flows.adjust import adjust_points
from loyalty.flows.manage_rewards import change_reward
from loyalty.flows.review_tiers import review_tiers
from tests.cast import ODILE
from tests.makers.rewards import coffee
from tests.makers.tiers import ladder


def read(browser):
    """The fan's page of tiers, its spaces plain."""
    return browser.get("/tier").text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def give(db, fan, amount):
    adjust_points(db, fan_id=fan.id, amount=amount, unit="status", reason="test", actor=ODILE, key=ids.new())


def test_without_a_ladder_the_page_says_so_and_the_first_page_nothing(ines_at):
    assert "no tiers for the moment" in ines_at.get("/tier").text
    assert "/tier" not in ines_at.get("/").text


def test_the_way_to_the_first_tier_is_shown(db, ines, ines_at):
    ladder(db, silver=50, gold=200)
    give(db, ines, 20)
    page = read(ines_at)
    assert "No tier yet" in page and "30 points of status to go" in page and 'value="20" max="50"' in page
    assert "/tier" in ines_at.get("/").text and "/tier" in ines_at.get("/profile").text


def test_a_tier_is_told_with_its_last_day_and_what_keeps_it(db, ines, ines_at):
    ladder(db, silver=50, gold=200)
    give(db, ines, 60)
    page = read(ines_at)
    assert "31 December 2027" in page and "140 points of status to go" in page
    assert "stays yours for another year" not in page, "nothing can be done for 2028 yet"
    with clock.running_on(clock.stopped_at(datetime(2027, 1, 5, tzinfo=UTC))):
        ines_at.sign_in()
        give(db, ines, 10)
        assert "40 points more of status by 31 December" in read(ines_at)


def test_the_history_says_why_also_of_what_was_lost(db, ines, ines_at):
    ladder(db, silver=50)
    give(db, ines, 60)
    give(db, ines, -60)
    page = read(ines_at)
    assert "What had reached it was taken back." in page and "Reached by the status earned." in page
    review_tiers(db)


def test_in_french_with_the_same_date(db, ines, ines_at):
    ladder(db, silver=50)
    give(db, ines, 60)
    page = ines_at.get("/tier?lang=fr").text
    assert "31 décembre 2027" in page and "Votre niveau" in page


def test_a_stranger_sees_no_tier(new_browser):
    assert new_browser().get("/tier").status_code == 401


def test_a_reward_for_a_tier_says_so_before_and_instead_of_the_button(db, ines, ines_at):
    ladder(db, silver=50)
    coffee(db)
    change_reward(db, slug="coffee", said={"min_tier": "silver"}, actor=ODILE)
    adjust_points(db, fan_id=ines.id, amount=900, reason="test", actor=ODILE, key=ids.new())
    assert "Reserved: Silver" in ines_at.get("/rewards").text
    page = ines_at.get("/rewards/coffee").text
    assert "Reserved for Silver and above" in page and "You do not have this tier yet." in page
    assert 'name="exchange"' not in page
    give(db, ines, 60)
    assert 'name="exchange"' in ines_at.get("/rewards/coffee").text


def test_a_reward_for_a_tier_is_within_reach_of_those_who_have_it_only(db, ines, ines_at):
    ladder(db, silver=50)
    coffee(db, slug="tea", cost_points=200)
    coffee(db, slug="dinner", cost_points=300, min_tier="silver")
    adjust_points(db, fan_id=ines.id, amount=100, reason="test", actor=ODILE, key=ids.new())
    home = ines_at.get("/").text
    assert "/rewards/tea" in home and "/rewards/dinner" not in home, "the nearest of those that points alone buy"
    adjust_points(db, fan_id=ines.id, amount=400, reason="test", actor=ODILE, key=ids.new())
    home, catalogue = ines_at.get("/").text, ines_at.get("/rewards").text
    assert "Choose: 1 reward is yours to take" in home
    assert catalogue.count("Yours to choose") == 1 and catalogue.index("/rewards/tea") < catalogue.index("/dinner")
    give(db, ines, 60)
    assert "Choose among 2 rewards" in ines_at.get("/").text
    assert ines_at.get("/rewards").text.count("Yours to choose") == 2
