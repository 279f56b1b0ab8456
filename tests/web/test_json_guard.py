"""What JSON is let in: everything a database and a client agree on, and nothing that would break either."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.web.json_guard import BIGGEST, DEEPEST, MOST_ITEMS, SMALLEST, BadJson, parse

SOUND = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(SMALLEST, BIGGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | SOUND,
    lambda inside: st.lists(inside, max_size=5) | st.dictionaries(SOUND, inside, max_size=5),
    max_leaves=20,
)


@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 2]))
def test_what_is_sound_comes_through_unchanged(document, ascii_only, indent):
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    assert parse(text.encode()) == document


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b"{'a': 1}",
        b'{"a": 1} x',
        b"nul",
        b"01",
        b'"\x01"',
        b"\xff",
        b'"\xed\xa0\x80"',  # half a surrogate pair, as UTF-8 does not allow it
        '"é"'.encode("utf-16"),
        '"é"'.encode("latin-1"),
        b"NaN",
        b"[Infinity]",
        b'{"a": -Infinity}',
        b"1e400",
        b"-1e400",
        b"9" * 5000,
        b"9223372036854775808",
        b"-9223372036854775809",
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"b": {"a": 1, "a": 1}}',
        b'"\\u0000"',
        b'{"\\u0000": 1}',
        b'["\\ud800"]',
        b'{"a": ["\\uDFFF"]}',
        b'"\\udc00\\ud800"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[1" + b",1" * MOST_ITEMS + b"]",
        b'{"a": [1' + b",1" * MOST_ITEMS + b"]}",
        b"{" + b",".join(b'"k%d":1' % number for number in range(MOST_ITEMS + 1)) + b"}",
        b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b"}",
        b'"' + b"\\" * 100_000,
        b'"' * 99_999,
    ],
    ids=lambda body: body[:20],
)
def test_what_is_not_sound_is_refused_with_a_sentence(body):
    with pytest.raises(BadJson) as refused:
        parse(body)
    assert refused.value.status == 400
    for language in ("fr", "en"):
        assert refused.value.say(language).isprintable()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),  # a byte order mark is ignored, as RFC 8259 allows
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"1868.0", 1868.0),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\u0000"', "\\u0000"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', "[" * 36),
        (b'"\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', '"' + "[" * 36),
        (b"[" * DEEPEST + b"]" * DEEPEST, None),
        (b"[" + b",".join([b"1"] * MOST_ITEMS) + b"]", [1] * MOST_ITEMS),
    ],
)
def test_the_edges_are_let_in(body, value):
    parsed = parse(body)
    assert value is None or parsed == value


def test_one_level_more_is_too_deep():
    with pytest.raises(BadJson):
        parse(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))
