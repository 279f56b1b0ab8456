"""Whatever colour a station has, what is written in it and on it can be read."""

from hypothesis import given
from hypothesis import strategies as st

from loyalty.programme.colour import DARK_PAPER, LIGHT_PAPER, contrast, palette

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def rgb(text):
    return tuple(bytes.fromhex(text[1:]))


@given(COLOURS)
def test_every_colour_of_a_palette_is_readable_where_it_is_used(brand):
    made = palette(brand)
    assert contrast(rgb(made.on_fill), rgb(made.fill)) >= 4.5
    assert contrast(rgb(made.on_fill), rgb(made.fill_end)) >= 4.5
    assert contrast(rgb(made.ink), LIGHT_PAPER) >= 4.5
    assert contrast(rgb(made.ink_dark), DARK_PAPER) >= 4.5


def test_a_colour_that_is_readable_stays_as_it_is():
    assert palette("#c2410c").fill == "#c2410c"
