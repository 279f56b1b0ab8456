"""From the station's one colour to those the pages need, each readable where it is used (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from dataclasses import dataclass

_READABLE = 4.6  # 4.5 is asked for
_ON_PAPER = 5.2  # some room, as paper is tinted at times
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
LIGHT_PAPER, DARK_PAPER = (247, 245, 242), (32, 31, 36)  # the least favourable surfaces of fan.css
_STEPS = 50

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours as "#rrggbb".

    Attributes:
        fill: large surfaces and buttons, the station's colour as it is.
        on_fill: text on it, black or white.
        fill_end: where a surface fades to: still readable with `on_fill`.
        ink: the station's colour as text, on light paper.
        ink_dark: the same on dark paper.
    """

    fill: str
    on_fill: str
    fill_end: str
    ink: str
    ink_dark: str


def palette(brand: str) -> Palette:
    """The colours that follow from a station's own.

    Args:
        brand: "#rrggbb".
    """
    colour = _read(brand)
    on_fill = max(_WHITE, (20, 18, 16), key=lambda text: contrast(text, colour))
    fill = _until_readable(colour, against=on_fill, towards=_BLACK if on_fill == _WHITE else _WHITE)
    return Palette(
        fill=_written(fill),
        on_fill=_written(on_fill),
        fill_end=_written(_mixed(fill, _BLACK if on_fill == _WHITE else _WHITE, 0.22)),
        ink=_written(_until_readable(colour, against=LIGHT_PAPER, towards=_BLACK, least=_ON_PAPER)),
        ink_dark=_written(_until_readable(colour, against=DARK_PAPER, towards=_WHITE, least=_ON_PAPER)),
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of WCAG 2.2: 1 for the same colour, 21 for black and white."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def contrast_of(one: str, other: str) -> float:
    """The same of two colours as "#rrggbb"."""
    return contrast(_read(one), _read(other))


def _until_readable(colour: Rgb, *, against: Rgb, towards: Rgb, least: float = _READABLE) -> Rgb:
    for step in range(_STEPS + 1):
        mixed = _mixed(colour, towards, step / _STEPS)
        if contrast(mixed, against) >= least:
            return mixed
    return towards


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _read(brand: str) -> Rgb:
    return int(brand[1:3], 16), int(brand[3:5], 16), int(brand[5:7], 16)


def _written(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
