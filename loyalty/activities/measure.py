"""How much effort a text was: counted, digested, and then the text itself is forgotten."""

import hashlib
import re
import unicodedata

# Mentions, tags and links are not effort; a word is a run that holds a letter or a digit.
_NOT_EFFORT = re.compile(r"(?:https?://|www\.)\S+|[@#][\w.\-]+")
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")


def measure(text: str) -> tuple[int, str]:
    """Count the words of a text beside its mentions, tags and links, and digest them to recognise a copy.

    The digest forgets case, accents of compatibility, punctuation and emoji.

    >>> measure("@radio Allez les Bleus ! #rugby 🎉")[0]
    3
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(_NOT_EFFORT.sub(" ", folded))
    return len(words), hashlib.sha256(" ".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]
