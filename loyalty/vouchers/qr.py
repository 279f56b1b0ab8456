"""The QR code of a voucher, as SVG for screens and as PNG: black on white, with its quiet zone."""

import io
from html import escape

import qrcode
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M

QUIET_ZONE = 4  # modules: what ISO/IEC 18004 asks for
_PNG_MODULE = 8  # pixels


def svg(address: str, *, title: str, for_print: bool = False) -> str:
    """An SVG image that fills whatever box it is put in.

    Args:
        address: of the voucher; in upper case it takes the alphanumeric mode, and fewer modules.
        title: what the image is, for those who do not see it.
        for_print: with more error correction, at the price of more modules: paper gets creased.
    """
    matrix = _made(address, for_print=for_print).get_matrix()
    size = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"'
        f' shape-rendering="crispEdges"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{_runs(matrix)}"/></svg>'
    )


def png(address: str, *, for_print: bool = False) -> bytes:
    """A PNG image with 8 pixels a module; `address` and `for_print` as for `svg`."""
    image = _made(address, for_print=for_print).make_image()
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _made(address: str, *, for_print: bool) -> qrcode.QRCode:
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M if for_print else ERROR_CORRECT_L,
        border=QUIET_ZONE,
        box_size=_PNG_MODULE,
    )
    code.add_data(address)
    code.make(fit=True)
    return code


def _runs(matrix: list[list[bool]]) -> str:
    """One horizontal bar for each run of dark modules: half the size of a square for each module."""
    bars = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            length = 0
            while x + length < len(row) and row[x + length]:
                length += 1
            if length:
                bars.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length + 1
    return "".join(bars)
