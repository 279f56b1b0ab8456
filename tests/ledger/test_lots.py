"""Whatever the policies that dated them, the points that expire soonest are drawn first."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from loyalty.ledger.lots import OpenLot, draw
from loyalty.programme.expiry import Fixed, Never, Rolling, Sliding

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 1, 1, tzinfo=UTC)
policies = st.one_of(
    st.just(Never()),
    st.builds(Rolling, st.integers(1, 40)),
    st.builds(Sliding, st.integers(1, 40)),
    st.builds(Fixed, st.integers(1, 12), st.integers(1, 28), st.integers(0, 24)),
)
gains = st.lists(
    st.tuples(policies, st.integers(0, 900), st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=12
)


@given(gains, st.integers(1, 700), st.integers(0, 900))
def test_the_soonest_goes_first_and_none_that_is_over(gained, amount, day):
    now = START + timedelta(days=day)
    lots: dict[datetime, OpenLot] = {}
    for policy, earned, points, sliding in gained:
        end = policy.end_of(START + timedelta(days=earned), PARIS)
        lot = lots.setdefault(end, OpenLot(1, end, 0))
        lot.left += points
        lot.sliding += min(sliding, points) if policy.slides else 0
    before = {end: lot.left for end, lot in lots.items()}
    open_before = {end: left for end, left in before.items() if end > now}
    stays = {end: lot.left - lot.slides for end, lot in lots.items()}
    drawn = dict(draw(list(lots.values()), amount, after=now))
    assert sum(drawn.values()) == min(amount, sum(open_before.values()))
    assert drawn.keys() <= open_before.keys()
    for end in drawn:
        sooner = [each for each in open_before if each < end]
        assert all(drawn.get(each) == open_before[each] for each in sooner), "the sooner ones are empty before"
    for end, part in drawn.items():
        assert stays[end] - (lots[end].left - lots[end].slides) == min(part, stays[end]), "what slides goes last"
