"""Plug-ins are found, never listed: every module of a package that defines `plugin` is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol


class Named(Protocol):
    """What every plug-in has: the name under which data refers to it."""

    name: str


@cache
def plugins(package: str) -> MappingProxyType[str, Any]:
    """All plug-ins of a package, by name, in alphabetical order.

    Args:
        package: dotted name of the package whose modules each define one `plugin`.

    Raises:
        AssertionError: two modules claim one name.
    """
    found: dict[str, Any] = {}
    root = importlib.import_module(package)
    for module_info in sorted(pkgutil.iter_modules(root.__path__), key=lambda each: each.name):
        module = importlib.import_module(f"{package}.{module_info.name}")
        plugin = getattr(module, "plugin", None)
        if plugin is None:
            continue
        assert plugin.name not in found, f"two plug-ins of {package} are called {plugin.name!r}"
        found[plugin.name] = plugin
    return MappingProxyType(dict(sorted(found.items())))
