"""What others wrote comes while the package is built: pinned, never committed, and missing only where it may be."""

import base64
import hashlib
import importlib.util
import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from tests.house.sources import ROOT


class Base:
    """What hatchling gives a hook."""

    def __init__(self, root: Path) -> None:
        self.root, self.said = str(root), []
        self.app = SimpleNamespace(display_warning=self.said.append)


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The hook as hatchling imports it."""
    interface = ModuleType("hatchling.builders.hooks.plugin.interface")
    interface.BuildHookInterface = Base  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "hatch_build", module)
    spec.loader.exec_module(module)
    return module


def tarball(package: Any) -> bytes:
    """A package of this shape, with one line in each file."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name in package.files:
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(b"export {};\n")
            archive.addfile(member, io.BytesIO(b"export {};\n"))
    return written.getvalue()


def npm_that_brings(build: Any, bodies: dict[str, bytes]) -> Any:
    """Stands in for npm."""

    def run(command: list[str], *, cwd: Path, **_: Any) -> Any:
        (name,) = [each for each in bodies if f"{each}@" in " ".join(command)] or [""]
        if name:
            (cwd / "it.tgz").write_bytes(bodies[name])
        return SimpleNamespace(returncode=0 if name else 1, stderr="no network", stdout="")

    return mock.patch.object(build.subprocess, "run", run)


def pinned(build: Any) -> dict[str, bytes]:
    """Tarballs, and the pins that go with them."""
    bodies = {each.name: tarball(each) for each in build.PACKAGES}
    for each in build.PACKAGES:
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(bodies[each.name]).digest()).decode()
        object.__setattr__(each, "integrity", integrity)
    return bodies


def test_no_script_of_others_is_committed(build):
    listed = subprocess.run(["git", "ls-files", build.VENDOR], cwd=ROOT, capture_output=True, text=True, check=True)
    assert listed.stdout == ""
    assert f"/{build.VENDOR}/" in (ROOT / ".gitignore").read_text(encoding="utf-8")


def test_each_is_pinned_by_its_hash_and_may_be_passed_on(build):
    for package in build.PACKAGES:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package.version)
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package.integrity)
        assert package.licence == "MIT OR Apache-2.0"
        assert any("LICENSE" in name for name in package.files), "its licence goes with it"


def test_a_build_brings_the_files_once_and_then_needs_no_npm(build, tmp_path):
    bodies = pinned(build)
    hook = build.CustomBuildHook(tmp_path)
    with npm_that_brings(build, bodies):
        hook.initialize("standard", {})
    assert (tmp_path / build.VENDOR / "qr/decode.js").read_bytes() == b"export {};\n"
    assert json.loads((tmp_path / build.VENDOR / build.PINS).read_text())["qr"]["version"]
    with npm_that_brings(build, {}), mock.patch.object(build.shutil, "which", return_value=None):
        assert hook.dependencies() == []
        hook.initialize("standard", {})


def test_a_machine_without_npm_gets_one_for_the_build(build, tmp_path):
    hook = build.CustomBuildHook(tmp_path)
    with mock.patch.object(build.shutil, "which", return_value=None):
        assert hook.dependencies() == [build.NPM]
    with mock.patch.object(build.shutil, "which", return_value="/usr/bin/npm"):
        assert hook.dependencies() == []


@pytest.mark.parametrize("version", ["standard", "editable"])
def test_a_changed_package_stops_the_build(build, tmp_path, version):
    bodies = pinned(build)
    bodies["qr"] = bodies["qr"] + b"\0"
    with npm_that_brings(build, bodies), pytest.raises(build.Altered, match="qr"):
        build.CustomBuildHook(tmp_path).initialize(version, {})
    assert not (tmp_path / build.VENDOR / build.PINS).exists()


def test_a_wheel_is_not_made_without_them_and_a_checkout_is(build, tmp_path):
    hook = build.CustomBuildHook(tmp_path)
    with npm_that_brings(build, {}):
        with pytest.raises(build.Unreachable, match="no network"):
            hook.initialize("standard", {})
        hook.initialize("editable", {})
    assert "goes without" in hook.said[0]
