"""The rush in small: everybody is paid once, as many as there are units get one, and the books hold."""

from loyalty.bench.rush import rush


def test_a_small_crowd_is_answered_to_the_last_one(database_url: str) -> None:
    typed, redeemed = rush(
        database_url, fans=60, seconds=1, redeemers=30, units=7, threads=8, workers=2, say=lambda _: None
    )
    assert (typed.asked, typed.counted, typed.answers) == (60, 60, {"200": 60})
    assert (redeemed.asked, redeemed.counted) == (30, 7)
    assert redeemed.answers == {"201": 7, "409 out_of_stock": 23}
    assert 0 < typed.p50 <= typed.p99
    assert typed.processor > 0
