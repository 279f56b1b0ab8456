"""Secrets are sealed: only this installation opens them, also after its key was rotated."""

import pytest

from loyalty.intake.seal import SealBroken, Sealer

KEY, OTHER_KEY = "k" * 32, "o" * 32
SECRETS = ["whsec_a,b", "accentué", ""]


def test_a_seal_opens_to_what_was_sealed() -> None:
    sealer = Sealer(KEY)
    assert sealer.open(sealer.seal(SECRETS)) == tuple(SECRETS)
    assert sealer.open(sealer.seal([])) == ()


def test_a_seal_shows_nothing_and_never_looks_the_same() -> None:
    sealer = Sealer(KEY)
    one, other = sealer.seal(SECRETS), sealer.seal(SECRETS)
    assert one != other
    assert "whsec" not in one


def test_a_former_key_still_opens_and_no_longer_seals() -> None:
    sealed = Sealer(KEY).seal(SECRETS)
    rotated = Sealer(OTHER_KEY, [KEY])
    assert rotated.open(sealed) == tuple(SECRETS)
    assert Sealer(OTHER_KEY).open(rotated.seal(SECRETS)) == tuple(SECRETS)


@pytest.mark.parametrize("alter", [lambda sealed: sealed[:-5] + "AAAA=", lambda sealed: "", lambda sealed: "plain"])
def test_an_altered_seal_is_broken(alter) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SealBroken):
        Sealer(KEY).open(alter(Sealer(KEY).seal(SECRETS)))


def test_a_strangers_key_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        Sealer(OTHER_KEY).open(Sealer(KEY).seal(SECRETS))
