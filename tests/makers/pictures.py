"""Pictures as people upload them, and as people who mean harm do."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

SCRIPT = b"<script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def photo(width: int = 64, height: int = 48, *, form: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A red picture whose left half is blue."""
    picture = Image.new(mode, (width, height), "red")
    picture.paste("blue", (0, 0, width // 2, height))
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def photo_with_a_place(width: int = 64, height: int = 48) -> bytes:
    """A photograph that lies on its side, and says who took it and where."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    exif[0x010F] = "Telephone of Ines"
    exif.get_ifd(0x8825)[1] = "N"
    return photo(width, height, exif=exif.tobytes())


def moving(form: str) -> bytes:
    """An animation."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, form, save_all=True, append_images=frames[1:])
    return written.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred bytes that says it has a billion pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    content = zlib.compress(bytes(3 * side))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", content) + chunk(b"IEND", b"")
