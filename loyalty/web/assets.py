"""The files pages are made of, ours and Bootstrap's: compressed once, named by their content, kept for a year."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import flask_bootstrap
from flask import Response, abort, request, url_for
from werkzeug.security import safe_join

_OURS = Path(__file__).parents[1] / "static"
_BOOTSTRAP = Path(str(flask_bootstrap.__file__)).parent / "static" / "bootstrap5" / "css"
_THEIRS = frozenset({"bootstrap.min.css"})
_YEAR = 31_536_000
_MODULES = "~"  # begins a folder that is only in the address
_WHILE = 300  # seconds, where the address does not name the content


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is and compressed; `version` names its content."""

    body: bytes
    compressed: bytes
    media_type: str
    version: str


def address(name: str) -> str:
    """The address of a file, which changes with its content."""
    return url_for("pages.static", name=name, v=_asset(name).version)


def module(name: str) -> str:
    """The address of a JavaScript module. Modules import each other by relative paths, which no query of ours reaches,
    so it is the folder in the address that changes, with the content of any of them."""
    return url_for("pages.static", name=f"{_MODULES}{_modules_version()}/{name}")


def answer(name: str) -> Response:
    """The file called `name`."""
    exact = False
    if name.startswith(_MODULES):
        version, _, name = name.removeprefix(_MODULES).partition("/")
        exact = version == _modules_version()
    path = safe_join(str(_OURS), name)
    if path is None or not (name in _THEIRS or Path(path).is_file()):
        abort(404)
    asset = _asset(name)
    return sent(asset, exact=exact or request.args.get("v") == asset.version)


def sent(asset: Asset, *, exact: bool) -> Response:
    """An answer that browsers keep, for a year if the address names exactly this content."""
    small = len(asset.compressed) < len(asset.body) and request.accept_encodings.quality("gzip") > 0
    response = Response(asset.compressed if small else asset.body, content_type=asset.media_type)
    if small:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if exact else f"public, max-age={_WHILE}"
    return response


def made(body: bytes, media_type: str) -> Asset:
    """An asset of this content."""
    return Asset(body, gzip.compress(body, mtime=0), media_type, hashlib.sha256(body).hexdigest()[:12])


@cache
def _modules_version() -> str:
    """Names the content of all scripts together."""
    digest = hashlib.sha256()
    for path in sorted(_OURS.rglob("*.js")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


@cache
def _asset(name: str) -> Asset:
    path = (_BOOTSTRAP if name in _THEIRS else _OURS) / name
    body = path.read_bytes()
    if name in _THEIRS:  # their map is for their developers: a browser that looks for it finds nothing here
        body = body.partition(b"/*# sourceMappingURL")[0]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return made(body, f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
