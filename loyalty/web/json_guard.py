"""The one place where the JSON of a request is parsed: what a database would stumble over is refused.

RFC 8259 leaves much open; I-JSON (RFC 7493) says what programs agree on. What is refused here never reaches a
schema: deep nesting (a parser's recursion), duplicate keys, numbers beyond 64 bits, NUL, half surrogate pairs.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from loyalty.errors import Refused
from loyalty.i18n import Words

DEEPEST = 32
MOST_ITEMS = 1000  # of one array, and of one object
SMALLEST, BIGGEST = -(2**63), 2**63 - 1

# Possessive, so that no input makes it backtrack.
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class BadJson(Refused):
    """The body is not JSON that we read."""

    code = "bad_json"
    status = 400
    words = Words(fr="Ce JSON n’est pas accepté : {because_fr}", en="This JSON is not accepted: {because_en}")

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(because_fr=fr, because_en=en)


class WrongMediaType(Refused):
    """The body says it is of a kind that is not read here."""

    code = "unsupported_media_type"
    status = 415
    words = Words(
        fr="L’en-tête Content-Type doit être : {accepted:list}.",
        en="The header Content-Type must be: {accepted:list}.",
    )


class GuardedRequest(Request):
    """A request whose body is never cut, and whose `get_json` goes through the guard, whoever calls it."""

    def get_data(self, *args: Any, **options: Any) -> Any:
        """The body, whole.

        Raises:
            RequestEntityTooLarge: it is longer than we read. Of one that comes in chunks, and does not say how long
                it is, werkzeug would give us the beginning.
        """
        body = super().get_data(*args, **options)
        most = self.max_content_length
        if self.content_length is None and most is not None and len(body) >= most:
            raise RequestEntityTooLarge
        return body

    class json_module:
        """What Flask calls to parse a body."""

        @staticmethod
        def loads(body: bytes, **_: Any) -> Any:
            """See `parse`."""
            return parse(body)


def read(request: Request, media_types: Sequence[str] = ("application/json",)) -> Any:
    """The JSON the request carries.

    Raises:
        WrongMediaType: it says it carries something else than `media_types`.
        BadJson: see `parse`.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in media_types or charset not in ("utf-8", "utf8"):
        raise WrongMediaType(accepted=list(media_types))
    return parse(request.get_data())


def parse(body: bytes) -> Any:
    """The value the JSON in `body` stands for.

    Raises:
        BadJson: it is not UTF-8, not JSON, deeper than `DEEPEST`, longer than `MOST_ITEMS`; or it has a
            duplicate key, a number that is infinite or has more than 64 bits, a NUL, half a surrogate pair.
    """
    _refuse_depth(body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise BadJson(f"l'octet {problem.start} n’est pas de l’UTF-8.", f"byte {problem.start} is not UTF-8.") from None
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as problem:
        where = problem.lineno, problem.colno
        raise BadJson(
            "ligne {}, colonne {} : la syntaxe est fausse.".format(*where),
            "line {}, column {}: the syntax is wrong.".format(*where),
        ) from None
    if isinstance(value, list):
        _refuse_length(value)
    if _SUSPECT_ESCAPE.search(text):
        _refuse_unstorable(value)
    return value


def _refuse_depth(body: bytes) -> None:
    depth = 0
    for bracket in _STRINGS.sub(b"", body).translate(None, _ALL_BUT_BRACKETS):
        if bracket in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise BadJson(f"plus de {DEEPEST} niveaux d’imbrication.", f"more than {DEEPEST} levels of nesting.")
        else:
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _refuse_length(pairs)
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise BadJson(f"la clé {twice!a} est donnée deux fois.", f"the key {twice!a} is given twice.")
    for value in members.values():
        if isinstance(value, list):
            _refuse_length(value)
    return members


def _refuse_length(items: Sequence[Any]) -> None:
    if len(items) > MOST_ITEMS:
        raise BadJson(
            f"plus de {MOST_ITEMS} éléments dans une même liste ou un même objet.",
            f"more than {MOST_ITEMS} items in one list or object.",
        )


def _whole(digits: str) -> int:
    if len(digits) > 20 or not SMALLEST <= int(digits) <= BIGGEST:
        raise BadJson("un nombre dépasse 64 bits.", "a number takes more than 64 bits.")
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise BadJson("un nombre est trop grand.", "a number is too big.")
    return number


def _no_constant(name: str) -> None:
    raise BadJson(f"{name} n’est pas un nombre JSON.", f"{name} is not a number in JSON.")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole, parse_float=_real, parse_constant=_no_constant)


def _refuse_unstorable(value: Any) -> None:
    for text in _texts(value):
        if "\x00" in text:
            raise BadJson("un texte contient le caractère NUL.", "a text contains the NUL character.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise BadJson(
                "un texte contient la moitié d’une paire de substitution (surrogate).",
                "a text contains half of a surrogate pair.",
            )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
