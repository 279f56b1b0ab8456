"""A simulated camera: a picture is filmed, with the tilt, blur, noise and distance of a hand at a counter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import Browser

from tests.browser.chromium import executable

WIDTH, HEIGHT, RATE, FRAMES = 640, 480, 10, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """How something is filmed.

    Attributes:
        side: of what is filmed, in pixels of the film.
        tilt: how much nearer its left side is than its right one, as a part of its size.
        turn: in degrees.
        blur: the radius in pixels.
        noise: the standard deviation, of 255.
        light: of white, of 255.
    """

    side: int = 330
    tilt: float = 0.0
    turn: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    light: int = 235


GOOD = Take(turn=4)
BAD = Take(side=250, tilt=0.14, turn=11, blur=1.1, noise=14, light=170)


def film(path: Path, picture: Image.Image, take: Take) -> Path:
    """Write a film (YUV4MPEG2) of `picture`, a few frames that a browser repeats; the hand shakes between them."""
    chance = np.random.default_rng(7)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for _ in range(FRAMES):
            grey = _frame(picture, take, shake=chance.integers(-6, 7, size=2), chance=chance)
            file.write(b"FRAME\n" + grey.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2))
    return path


@contextmanager
def filming(browser: Browser, path: Path) -> Iterator[Browser]:
    """Another Chromium, whose camera sees a film, and may be used by every page that asks."""
    simulated = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
    chromium = browser.browser_type.launch(executable_path=executable(), args=["--no-sandbox", *simulated])
    yield chromium
    chromium.close()


def _frame(picture: Image.Image, take: Take, *, shake: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    paper = picture.convert("L").resize((take.side, take.side), Image.Resampling.LANCZOS)
    paper = paper.point(lambda value: 25 + value * (take.light - 25) // 255)
    scene = Image.new("L", (WIDTH, HEIGHT), 70)
    left, top = (WIDTH - take.side) // 2 + int(shake[0]), (HEIGHT - take.side) // 2 + int(shake[1])
    scene.paste(paper, (left, top))
    scene = scene.rotate(take.turn, resample=Image.Resampling.BICUBIC, fillcolor=70)
    if take.tilt:
        scene = scene.transform(scene.size, Image.Transform.PERSPECTIVE, _tilted(take.tilt), Image.Resampling.BICUBIC)
    scene = scene.filter(ImageFilter.GaussianBlur(take.blur))
    seen = np.asarray(scene, dtype=np.float32) + chance.normal(0, take.noise, size=(HEIGHT, WIDTH))
    return np.clip(seen, 0, 255).astype(np.uint8)


def _tilted(tilt: float) -> list[float]:
    """The eight numbers of a perspective: where each pixel of the film comes from, its right side farther away."""
    right, far = WIDTH * (1 - tilt / 2), tilt * HEIGHT / 2
    film_corners = [(0, 0), (right, far), (right, HEIGHT - far), (0, HEIGHT)]
    scene_corners = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    rows: list[list[float]] = []
    wanted: list[float] = []
    for (x, y), (u, v) in zip(film_corners, scene_corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return [float(each) for each in np.linalg.solve(np.array(rows), np.array(wanted))]
