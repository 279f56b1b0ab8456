"""Finds the QR code in a picture, for devices whose browser cannot."""

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

from loyalty.errors import Refused
from loyalty.i18n import Words

MOST_BYTES = 300_000
MOST_PIXELS = 1280 * 1280  # known from the head of the file, before anything is decoded


class NotAPicture(Refused):
    """The body is no JPEG image, or one that is too big."""

    code = "not_a_picture"
    words = Words(fr="Cette image ne peut pas être lue.", en="This picture cannot be read.")


def read(jpeg: bytes) -> str | None:
    """What the QR code in a JPEG picture says; None if there is none.

    Raises:
        NotAPicture
    """
    if len(jpeg) > MOST_BYTES:
        raise NotAPicture
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPicture
            grey = picture.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NotAPicture from None
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return found[0].text if found else None
