"""A browser in the two words its owner knows it by: "Firefox, Windows"."""

from __future__ import annotations

# In this order: nearly all of them say they are several of these, the last and least true.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("CrOS", "ChromeOS"), ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def browser_of(agent: str | None) -> str:
    """What the User-Agent header amounts to; what no known browser says stays as it is, shortened."""
    said = agent or ""
    known = [next((name for mark, name in names if mark in said), None) for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in known if name) or said[:60]
