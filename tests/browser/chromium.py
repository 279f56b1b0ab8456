"""Finds a Chromium: $CHROME, else one on the path, else Debian's, fetched where we may; else says what to do."""

import os
import shutil
import subprocess
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome")


@cache
def executable() -> str:
    """The path of a browser.

    Raises:
        RuntimeError: there is none, and none could be had.
    """
    given = os.environ.get("CHROME")
    if given:
        return given
    found = _on_path()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"check": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], **quiet)
        subprocess.run(["apt-get", "install", "--yes", "--no-install-recommends", "chromium"], **quiet)
        found = _on_path()
    if found is None:
        raise RuntimeError("These tests need a Chromium: install one, or give its path in $CHROME.")
    return found


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
