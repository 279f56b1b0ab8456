"""A device whose browser finds no QR code by itself sends what its camera sees."""

from datetime import timedelta

from loyalty.db import Writer
from loyalty.flows import limit
from loyalty.intake.rate import Limit
from loyalty.partners.devices import DeviceInHand
from loyalty.vouchers import picture

PICTURES = Limit(name="picture", most=180, within=timedelta(minutes=1))  # all of them, by device


def read_picture(db: Writer, *, device: DeviceInHand, jpeg: bytes) -> str | None:
    """What the QR code in a picture says; None if there is none. The picture is not kept.

    Raises:
        NotAPicture: no JPEG, or one too big.
        TooManyAttempts: the device sends more than any camera needs.
    """
    limit.count(db, PICTURES, str(device.id))
    return picture.read(jpeg)
