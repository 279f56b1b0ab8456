"""The QR code, read back by another library."""

import io
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from loyalty.vouchers import qr
from loyalty.vouchers.token import address
from tests.makers.vouchers import BODY, KEYS

ADDRESS = address("https://club.radio-lumiere.example", KEYS.write(BODY))


def read(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)  # type: ignore[arg-type]
    return str(found.text)


def drawn(svg: str, *, module: int = 4) -> Image.Image:
    """What a browser shows of our SVG, which is made of horizontal bars alone."""
    (size,) = {int(number) for number in re.findall(r'viewBox="0 0 (\d+) \d+"', svg)}
    image = Image.new("L", (size * module, size * module), 255)
    pen = ImageDraw.Draw(image)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        left, top = int(x) * module, int(y) * module
        pen.rectangle((left, top, left + int(length) * module - 1, top + module - 1), fill=0)
    return image


@pytest.mark.parametrize("for_print", [False, True])
def test_the_png_is_read_as_the_same_address(for_print: bool) -> None:
    image = Image.open(io.BytesIO(qr.png(ADDRESS, for_print=for_print)))
    assert read(image) == ADDRESS


@pytest.mark.parametrize("for_print", [False, True])
def test_the_svg_is_read_as_the_same_address(for_print: bool) -> None:
    assert read(drawn(qr.svg(ADDRESS, title="Un café", for_print=for_print))) == ADDRESS


def modules(svg: str) -> int:
    size = re.search(r'viewBox="0 0 (\d+)', svg)
    assert size is not None
    return int(size[1]) - 2 * qr.QUIET_ZONE


def test_a_screen_shows_41_modules_and_print_has_more_correction() -> None:
    assert len(ADDRESS) <= 195  # the alphanumeric capacity of version 6 at level L
    assert modules(qr.svg(ADDRESS, title="")) == 41
    assert modules(qr.svg(ADDRESS, title="", for_print=True)) > 41


def test_it_is_black_on_white_with_its_quiet_zone() -> None:
    image = drawn(qr.svg(ADDRESS, title=""), module=1)
    size = image.width
    quiet = [
        image.getpixel((x, y)) for x in range(size) for y in range(size) if min(x, y, size - 1 - x, size - 1 - y) < 4
    ]
    assert set(quiet) == {255}
    assert image.getpixel((4, 4)) == 0
    assert 'fill="#fff"' in qr.svg(ADDRESS, title="")


def test_the_title_is_text_and_not_markup() -> None:
    svg = qr.svg(ADDRESS, title="<script>alert(1)</script> & Cie")
    assert "<script>" not in svg
    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; Cie</title>" in svg


def test_neither_image_says_its_code_in_letters() -> None:
    assert KEYS.write(BODY) not in qr.svg(ADDRESS, title="Un café")
    assert KEYS.write(BODY).encode() not in qr.png(ADDRESS)
