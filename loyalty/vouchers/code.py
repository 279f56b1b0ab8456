"""The code of a voucher as people type it: its 8 random bytes in 13 characters, and one to catch a slip.

The characters are Crockford's (see `spelling`), the last one is Luhn's check character modulo 32: one wrong
character is always noticed, two neighbours exchanged almost always. It proves nothing: a typed code is looked
up, so it works online only.
"""

from loyalty import spelling
from loyalty.vouchers.token import Unreadable

_DIGITS = 13
_BASE = 32


def spell(token_id: str) -> str:
    """The code of a voucher, grouped for the eye: "028T5-CY4TQ-KFFX".

    Args:
        token_id: 16 hexadecimal digits.
    """
    number = int(token_id, 16)
    digits = "".join(spelling.ALPHABET[number >> 5 * at & 31] for at in reversed(range(_DIGITS)))
    return spelling.grouped(digits + _check_character(digits), 5, 5, 4)


def looks_like_one(text: str) -> bool:
    """Whether somebody meant to type such a code: a token is ten times longer."""
    return len(text) <= 2 * (_DIGITS + 1)


def read(text: str) -> str:
    """The token id, 16 hexadecimal digits, that a typed code says.

    Raises:
        Unreadable: `malformed`: a slip, or no such code at all.
    """
    code = spelling.clean(text)
    if len(code) != _DIGITS + 1 or any(character not in spelling.VALUE_OF for character in code):
        raise Unreadable("malformed")
    digits, check = code[:-1], code[-1]
    number = 0
    for character in digits:
        number = number * _BASE + spelling.VALUE_OF[character]
    if check != _check_character(digits) or number >= 1 << 64:
        raise Unreadable("malformed")
    return f"{number:016x}"


def _check_character(digits: str) -> str:
    """Luhn modulo 32: from the right, every second value is doubled and the two digits of that are added."""
    total = 0
    for at, character in enumerate(reversed(digits)):
        value = spelling.VALUE_OF[character] * (2 - at % 2)
        total += value // _BASE + value % _BASE
    return spelling.ALPHABET[-total % _BASE]
