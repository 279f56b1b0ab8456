"""The spelling of codes that people type: Crockford's base32, no letter of which looks like a digit.

Source: https://www.crockford.com/base32.html. I and L read as 1, O as 0; case, spaces and dashes count for
nothing.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUE_OF = {character: value for value, character in enumerate(ALPHABET)}

_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", "‐": "", "–": "", " ": "", "\u00a0": ""})


def clean(text: str) -> str:
    """What was typed, as it would be spelled; whether it is a code at all is not decided here."""
    return text.strip().upper().translate(_READ_AS)


def grouped(code: str, *sizes: int) -> str:
    """A code in groups for the eye: `grouped("0123456789", 5, 5)` is "01234-56789"."""
    assert sum(sizes) == len(code), "the groups make up the code"
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    return "-".join(code[start : start + size] for start, size in zip(starts, sizes, strict=True))


def random_code(length: int) -> str:
    """A random code of `length` characters, 5 bits each, from the operating system."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
