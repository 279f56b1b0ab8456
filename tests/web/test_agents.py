"""Browsers as people call them."""

import pytest

from loyalty.web.agents import browser_of


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/108.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:109.0) Gecko/119.0 Firefox/119.0", "Firefox, Android"),
        ("curl/8.4.0", "curl/8.4.0"),
        (None, ""),
    ],
)  # fmt: skip
def test_a_browser_is_told_in_two_words(agent: str | None, told: str) -> None:
    assert browser_of(agent) == told
