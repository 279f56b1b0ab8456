"""The name of a new rule in addresses and files, made of what it is called in French."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection

_LONGEST = 60
_RESERVED = frozenset({"new"})  # the address of the page for a new rule


def slug_for(name: str, taken: Collection[str]) -> str:
    """What is free: "Écrire à l’antenne !" becomes "ecrire-a-l-antenne", with a number where that is taken."""
    spelled = name.replace("œ", "oe").replace("æ", "ae").replace("’", " ")
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[: _LONGEST - 4].strip("-") or "regle"
    numbered = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(each for each in numbered if each not in taken and each not in _RESERVED)
