"""What is wrong with the fields of a form, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loyalty import complaints


def in_words(errors: Any, language: str) -> dict[str, str]:
    """One sentence for each field that is wrong; what we have no words for stays as it is."""
    if not isinstance(errors, Mapping):
        return {}
    return {
        str(name): " ".join(dict.fromkeys(complaints.told(str(each), language) for each in complaints.each(found)))
        for name, found in errors.items()
    }
