"""What holds for every condition there is, and for the next one to be written."""

import re
import string
from typing import Any

import pytest
from marshmallow import ValidationError

from loyalty.i18n import LANGUAGES, Words
from loyalty.rules.condition import Condition, Reason
from loyalty.rules.schema import canonical, loaded
from loyalty.rules.sentence import rule_sentence
from loyalty.rules.tree import known_conditions
from loyalty.rules.words import UNKNOWN, explain
from tests.makers.judging import body, situation

CONDITIONS = sorted(known_conditions().values(), key=lambda each: each.name)
every_condition = pytest.mark.parametrize("condition", CONDITIONS, ids=lambda each: each.name)
GARBAGE = [None, 0, 1.5, True, "text", [], [{}], {"": 1}, {"unknown": []}, {"one_of": {"twitch": 1}}]
# Activities as different as can be: between them they miss every condition in every way it can be missed.
STRANGE = [
    situation(words=None, linked=False, quantity=0, network="nowhere", kind="nothing", object=""),
    situation(words=0, linked=False, quantity=10**9, earlier_today=lambda kind: 7),
]


def holes_of(words: Words) -> set[str]:
    return {name for text in (words.fr, words.en) for _, name, _, _ in string.Formatter().parse(text) if name}


def when(condition: Condition, parameters: Any) -> dict[str, Any]:
    return body(when={condition.name: parameters})


def test_the_conditions_are_found() -> None:
    assert {"campaign", "effort", "first_of_day", "hours", "kind"} <= known_conditions().keys()
    assert {"linked", "network", "object", "quantity", "show", "weekdays"} <= known_conditions().keys()


@every_condition
def test_its_schema_takes_its_example_and_gives_it_back_the_same(condition: Condition) -> None:
    schema = condition.schema()
    once = schema.dump(schema.load(condition.example))
    assert schema.dump(schema.load(once)) == once
    assert canonical(canonical(when(condition, condition.example))) == canonical(when(condition, condition.example))


@every_condition
@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
def test_its_schema_refuses_garbage(condition: Condition, garbage: Any) -> None:
    if garbage == []:  # what an empty object would be in some languages
        garbage = [1]
    with pytest.raises(ValidationError):
        condition.schema().load(garbage)


@every_condition
def test_its_schema_refuses_each_parameter_of_a_wrong_type_or_size(condition: Condition) -> None:
    for name in condition.example:
        for wrong in (None, -1, 1.5, True, "", "\x00", "\ud800", [], ["x"] * 201, [[]], [None], {}, 10**30):
            with pytest.raises(ValidationError):
                condition.schema().load({**condition.example, name: wrong})


@every_condition
def test_it_answers_none_or_a_reason_it_declared(condition: Condition) -> None:
    test = condition.compile(condition.schema().load(condition.example))
    answers = [test(each) for each in (situation(), *STRANGE)]
    assert any(isinstance(answer, Reason) for answer in answers)
    for answer in answers:
        assert answer is None or answer.code in condition.reasons


@every_condition
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_reasons_are_told_in_full(condition: Condition, language: str) -> None:
    assert condition.reasons
    test = condition.compile(condition.schema().load(condition.example))
    for answer in filter(None, (test(each) for each in STRANGE)):
        told = explain({"reason": answer.code, "holes": dict(answer.holes)}, language)
        assert told != UNKNOWN.say(language)
        assert told.endswith(".")
        assert not re.search(r"[{}]|  |None", told)


@every_condition
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_how_to_earn(condition: Condition, language: str) -> None:
    words, holes = condition.sentence(condition.schema().load(condition.example))
    assert holes_of(words) <= condition.spoken(holes, language).keys()
    told = rule_sentence(when(condition, condition.example), language)
    assert told.startswith("Vous gagnez 10 points quand vous " if language == "fr" else "You earn 10 points when you ")
    assert not re.search(r"[{}]|  |None", told)


@every_condition
def test_both_languages_have_the_same_holes(condition: Condition) -> None:
    for words in (*condition.reasons.values(), condition.title):
        in_french, in_english = (holes_of(Words(fr=text, en="")) for text in (words.fr, words.en))
        assert in_french == in_english
        assert words.fr != words.en or words is condition.title


def test_no_two_conditions_share_a_reason_code() -> None:
    codes = [code for condition in CONDITIONS for code in condition.reasons]
    assert len(codes) == len(set(codes))


def test_a_rule_loads_the_very_condition_it_names() -> None:
    for condition in CONDITIONS:
        assert loaded(when(condition, condition.example))["when"].condition is condition
