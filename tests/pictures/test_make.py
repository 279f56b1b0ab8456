"""47: what is uploaded is looked at by its bytes, and nothing of the file survives but its pixels."""

import io

import pytest
from PIL import Image

from loyalty.errors import Refused
from loyalty.pictures.make import LOGO, MOST_BYTES, REWARD, make
from loyalty.pictures.refusals import Moves, NotAPicture, TooHeavy, TooManyPixels
from tests.makers.pictures import SCRIPT, SVG, bomb, moving, photo, photo_with_a_place


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_47_a_picture_is_drawn_anew_as_webp(form):
    made = make(photo(form=form), REWARD)
    assert opened(made.body).format == opened(made.small).format == "WEBP"
    assert (made.width, made.height) == opened(made.body).size == (64, 48)


def test_47_a_script_appended_to_a_picture_is_gone():
    made = make(photo(form="PNG") + SCRIPT, REWARD)
    assert b"script" not in made.body + made.small


def test_47_a_script_within_a_pictures_own_text_is_gone():
    exif = Image.Exif()
    exif[0x010E] = SCRIPT.decode()
    made = make(photo(exif=exif.tobytes(), comment=SCRIPT), REWARD)
    assert b"script" not in made.body + made.small


@pytest.mark.parametrize(
    "upload",
    [
        SVG,
        b"<?xml version='1.0'?>" + SVG,
        b"GIF89a" + bytes(100),
        b"%PDF-1.7\n" + photo(form="PNG"),
        b"PK\x03\x04" + photo(),
        b"<html>" + photo(form="PNG"),
        b"RIFF\x00\x00\x00\x00WAVE" + bytes(50),
        photo(form="BMP"),
        photo(form="PNG")[:60],
        photo()[:200],
        b"\xff\xd8\xff" + SVG,
        b"",
    ],
    ids=[
        "an SVG",
        "an SVG with a prolog",
        "a GIF",
        "a PDF that is a PNG too",
        "a ZIP that is a JPEG too",
        "a page that is a PNG too",
        "a sound",
        "a bitmap",
        "half a PNG",
        "half a JPEG",
        "a JPEG in name only",
        "nothing",
    ],
)
def test_47_what_does_not_begin_and_end_as_a_picture_is_refused(upload):
    with pytest.raises(NotAPicture):
        make(upload, REWARD)


def test_47_a_polyglot_keeps_nothing_of_its_second_nature():
    archive = b"PK\x03\x04" + b"evil.html" + SCRIPT + b"PK\x05\x06" + bytes(18)
    made = make(photo() + archive, REWARD)
    assert b"PK" not in made.body[-200:] and b"evil" not in made.body


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_47_what_moves_is_refused(form):
    with pytest.raises(Moves):
        make(moving(form), REWARD)


@pytest.mark.parametrize("side", [6_400, 10_000, 30_000])
def test_47_a_bomb_is_refused_before_it_is_decoded(side):
    upload = bomb(side)
    assert len(upload) < 1_000
    with pytest.raises(TooManyPixels):
        make(upload, REWARD)


def test_47_six_mebibytes_are_too_heavy():
    with pytest.raises(TooHeavy):
        make(photo() + bytes(6 * 1024**2), REWARD)
    assert MOST_BYTES == 5 * 1024**2


def test_47_who_took_it_and_where_is_gone_and_it_stands_upright():
    made = make(photo_with_a_place(), REWARD)
    picture = opened(made.body)
    assert not picture.getexif() and "exif" not in picture.info and b"Ines" not in made.body
    assert (made.width, made.height) == (48, 64)
    red, _, blue = picture.convert("RGB").getpixel((24, 5))
    assert blue > 200 and red < 60, "its blue half was on the left, and is on top now"


def test_a_picture_for_a_reward_is_at_most_1200_pixels_wide():
    made = make(photo(3000, 1500), REWARD)
    assert (made.width, made.height) == (1200, 600)
    assert max(opened(made.small).size) == 320 and len(made.small) <= 8_000


def test_a_picture_on_its_side_is_measured_as_it_stands():
    made = make(photo_with_a_place(3000, 2000), REWARD)
    assert (made.width, made.height) == (1067, 1600)


def test_a_logo_keeps_what_is_transparent():
    made = make(photo(1000, 1000, form="PNG", mode="RGBA"), LOGO)
    assert (made.width, made.height) == (512, 512)
    clear = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(clear, "PNG")
    assert opened(make(clear.getvalue(), LOGO).body).convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_kind_of_pixel_is_read(mode):
    picture = Image.new("RGB", (20, 20), "white").convert("L").convert(mode)
    written = io.BytesIO()
    picture.save(written, "JPEG" if mode == "CMYK" else "PNG")
    try:
        made = make(written.getvalue(), REWARD)
    except Refused as refused:
        raise AssertionError(mode) from refused
    assert (made.width, made.height) == (20, 20)
