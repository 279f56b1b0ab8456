"""Every reason has a sentence in both languages."""

import ast
import inspect
import re
import string
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.i18n import LANGUAGES, Words
from loyalty.rules import compile as compiling
from loyalty.rules import evaluate as evaluating
from loyalty.rules import outcome
from loyalty.rules.words import OUTCOMES, UNKNOWN, VERDICTS, explain, explain_outcome

PERIODS = ("day", "week", "ever")
# Every hole a verdict of ours may have, as `evaluate` and `compile` make them.
HOLES: dict[str, dict[str, Any]] = {
    "awarded_partly": {"wanted": 10, "because": "cap_reached_day"},
    "not_started": {"date": "2026-11-23T07:00:00+00:00"},
    "ended": {"date": "2026-11-23T07:00:00+00:00"},
    "too_little": {"per": 100},
    "cooling_down": {"seconds": 60},
    "cap_reached_day": {"cap": 50, "counted": "points"},
    "cap_reached_week": {"cap": 1, "counted": "times"},
    "cap_reached_ever": {"cap": 500, "counted": "points"},
    "budget_exhausted": {"budget": 100_000},
    "excluded": {"by": "rule-001"},
    "not_the_best": {"by": "rule-001"},
    "none_of_these": {"reasons": [{"reason": "not_linked", "holes": {}}, {"reason": "nothing_written", "holes": {}}]},
}
every_language = pytest.mark.parametrize("language", LANGUAGES)


def codes_made_by(module: Any) -> set[str]:
    """Each first argument of `Reason(...)` in the source, its periods spelled out."""
    codes: set[str] = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
            code = node.args[0]
            if isinstance(code, ast.Constant):
                codes.add(code.value)
            else:
                assert isinstance(code, ast.JoinedStr), "a reason code is written out"
                start = code.values[0]
                assert isinstance(start, ast.Constant)
                codes |= {f"{start.value}{period}" for period in PERIODS}
    return codes


def outcome_codes() -> set[str]:
    """The literal reasons `outcome_of` answers with, for the activity as a whole."""
    tree = ast.parse(inspect.getsource(outcome.outcome_of))
    answers = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    pairs = [answer.elts[1] for answer in answers if isinstance(answer, ast.Tuple)]
    return {each.value for each in pairs if isinstance(each, ast.Constant)}


def test_every_code_of_a_verdict_has_words_and_every_word_a_code() -> None:
    made = codes_made_by(evaluating) | codes_made_by(compiling)
    assert {"awarded", "cap_reached_week", "none_of_these"} <= made
    assert made == VERDICTS.keys()


def test_every_code_of_an_activity_has_words() -> None:
    assert {"awarded", "measured", "no_rule"} <= outcome_codes() <= OUTCOMES.keys()


@every_language
@pytest.mark.parametrize("code", sorted(VERDICTS))
def test_every_hole_is_filled(code: str, language: str) -> None:
    told = explain({"reason": code, "points": 4, "class": "redeemable", "holes": HOLES.get(code, {})}, language)
    assert told != UNKNOWN.say(language)
    assert re.search(r"[.]$", told)
    assert not re.search(r"[{}]|None", told)


@pytest.mark.parametrize("words", [*VERDICTS.values(), *OUTCOMES.values()], ids=lambda words: words.en[:30])
def test_both_languages_have_the_same_holes(words: Words) -> None:
    french, english = ({name for _, name, _, _ in string.Formatter().parse(text)} for text in (words.fr, words.en))
    assert french == english
    assert words.fr != words.en


def test_an_award_is_told_with_its_points() -> None:
    verdict = {"reason": "awarded", "points": 1, "class": "redeemable"}
    assert explain(verdict, "fr") == "Vous gagnez 1 point."
    assert explain({**verdict, "points": 1200, "class": "status_only"}, "en") == "You earn 1,200 status points."


def test_a_limit_is_told_in_points_or_in_times() -> None:
    verdict = {"reason": "cap_reached_day", "class": "redeemable", "holes": {"cap": 3, "counted": "times"}}
    assert explain(verdict, "fr") == "Vous avez atteint la limite du jour : 3 fois."
    verdict["holes"] = {"cap": 50, "counted": "points"}
    assert explain(verdict, "en") == "You have reached the limit of the day: 50 points."


def test_a_date_is_the_programme_s() -> None:
    verdict = {"reason": "ended", "holes": {"date": "2026-11-22T23:00:00+00:00"}}
    assert explain(verdict, "fr", ZoneInfo("Europe/Paris")) == "Cette règle s’est terminée le 23 novembre 2026."


@every_language
@pytest.mark.parametrize(
    "verdict",
    [
        {},
        {"reason": "of_another_version"},
        {"reason": "cooling_down"},
        {"reason": "ended", "holes": {"date": "soon"}},
        {"reason": "other_network", "holes": {}},
        {"reason": "awarded_partly", "holes": {"wanted": 1, "because": "magic"}},
        {"reason": "none_of_these", "holes": {"reasons": "several"}},
        {"reason": "too_little", "holes": None},
    ],
    ids=str,
)
def test_what_another_version_kept_is_never_an_error(verdict: dict[str, Any], language: str) -> None:
    assert explain(verdict, language) == UNKNOWN.say(language)


def test_an_activity_is_told_as_a_whole() -> None:
    told = explain_outcome("awarded", [], "fr", points=10, status_points=2)
    assert told == "Vous gagnez 10 points et 2 points de statut."
    assert explain_outcome("awarded", [], "en", status_points=1) == "You earn 1 status point."
    assert explain_outcome("no_rule", [], "fr") == "Aucune règle ne concerne cette activité."


def test_a_refused_activity_is_told_with_the_reason_of_the_rule_that_came_nearest() -> None:
    verdicts = [
        {"reason": "other_network", "holes": {"networks": ["mastodon"]}},
        {"reason": "too_short", "holes": {"words": 1, "least": 3}},
    ]
    told = explain_outcome("too_short", verdicts, "fr")
    assert told == "C’était un peu court : il faut au moins 3 mots."
    assert explain_outcome("gone", verdicts, "en") == UNKNOWN.say("en")
