"""What was uploaded is looked at by its bytes and drawn anew: of the file itself nothing is kept.

OWASP's file upload advice: whatever hides beside, behind or within the pixels (a script, a second format, where the
photograph was taken) does not survive being drawn.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from loyalty.pictures.refusals import Moves, NotAPicture, TooHeavy, TooManyPixels

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000  # known from the head of the file, before anything is decoded
MEDIA_TYPE = "image/webp"
_MOST_SMALL_BYTES = 8_000
_MAGIC = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"RIFF", "WEBP"))
_ORIENTATION = 0x0112  # of EXIF; from 5 on the picture lies on its side
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a kind of picture is drawn: what it fits into, in pixels, large and small."""

    widest: int
    tallest: int
    small: int
    qualities: tuple[int, ...] = (82,)  # tried one after the other until it is light enough
    most_bytes: int = MOST_BYTES


REWARD = Shape(widest=1200, tallest=1600, small=320, qualities=(82, 70, 55), most_bytes=250_000)
LOGO = Shape(widest=512, tallest=512, small=128, qualities=(90, 75))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A picture of ours, ready to be kept: WebP without metadata, large and small."""

    width: int
    height: int
    body: bytes
    small: bytes

    @property
    def sha256(self) -> str:
        """Names its content."""
        return hashlib.sha256(self.body).hexdigest()


def make(upload: bytes, shape: Shape) -> Made:
    """Draw an uploaded picture anew, the right way up.

    Raises:
        TooHeavy: it has more than 5 MiB.
        NotAPicture: it does not begin as a JPEG, a PNG or a WebP, or cannot be read to its end.
        TooManyPixels: over 40 million; nothing of it was decoded.
        Moves: it is an animation.
    """
    if len(upload) > MOST_BYTES:
        raise TooHeavy(megabytes=MOST_BYTES // 1024**2)
    drawn = _drawn(upload, shape)
    small = drawn.copy()
    small.thumbnail((shape.small, shape.small))
    return Made(
        width=drawn.width,
        height=drawn.height,
        body=_written(drawn, shape.qualities, shape.most_bytes),
        small=_written(small, (80, 65, 50, 35), _MOST_SMALL_BYTES),
    )


def _drawn(upload: bytes, shape: Shape) -> Image.Image:
    try:
        with Image.open(io.BytesIO(upload), formats=(_format_of(upload),)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise TooManyPixels(megapixels=MOST_PIXELS // 10**6)
            # A photograph of some telephones has a second one inside: that is no animation.
            if picture.format in ("PNG", "WEBP") and getattr(picture, "n_frames", 1) > 1:
                raise Moves
            return _fitted(picture, shape)
    except _BOMB:
        raise TooManyPixels(megapixels=MOST_PIXELS // 10**6) from None
    except _BROKEN:
        raise NotAPicture from None


def _fitted(picture: Image.Image, shape: Shape) -> Image.Image:
    """Small enough, upright, in plain red, green and blue, transparent where it was."""
    on_its_side = picture.getexif().get(_ORIENTATION, 1) >= 5
    box = (shape.tallest, shape.widest) if on_its_side else (shape.widest, shape.tallest)
    picture.draft("RGB", box)  # a JPEG is decoded at a fraction of its size where that is enough
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    plain = picture if picture.mode == mode else picture.convert(mode)
    plain.thumbnail(box, reducing_gap=3)
    return ImageOps.exif_transpose(plain)


def _format_of(upload: bytes) -> str:
    for begins, name in _MAGIC:
        if upload.startswith(begins) and (name != "WEBP" or upload[8:12] == b"WEBP"):
            return name
    raise NotAPicture


def _written(picture: Image.Image, qualities: Iterable[int], most_bytes: int) -> bytes:
    """As WebP, without EXIF, colour profile or anything else that came with it; the last quality counts anyway."""
    body = b""
    for quality in qualities:
        written = io.BytesIO()
        picture.save(written, "WEBP", quality=quality, method=4, exif=b"", icc_profile=b"", xmp=b"")
        body = written.getvalue()
        if len(body) <= most_bytes:
            break
    return body
