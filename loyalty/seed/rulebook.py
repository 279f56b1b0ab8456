"""The earning rules of Radio Lumière."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from loyalty.seed.grid import ZONE, moment
from loyalty.seed.habits import CHALLENGE

_OWN_GAMES = ["onair_code", "quiz_answer", "vote", "prediction", "check_in"]
WELCOME_POINTS, CHALLENGE_POINTS = 100, 25

Body = dict[str, Any]


def rules(*, fans: int, challenge_steps: int, now: datetime) -> dict[str, Body]:
    """Every rule by slug, as it is when the programme opens.

    Args:
        fans: how many there will be; the welcome is budgeted for six in ten.
        challenge_steps: how many there will be; the challenge is budgeted for a few more.
    """
    return {
        "bienvenue": _rule(
            "Bienvenue au club",
            "Welcome to the club",
            {"fixed": WELCOME_POINTS},
            {"kind": {"one_of": ["join"]}},
            limits={"ever": {"times": 1}, "budget_points": WELCOME_POINTS * max(1, fans * 6 // 10)},
        ),
        "code-antenne": _rule(
            "Code donné à l’antenne",
            "Code given on air",
            {"fixed": 30},
            {"kind": {"one_of": ["onair_code"]}},
            limits={"per_day": {"times": 3}},
        ),
        "code-matinale": _rule(
            "Bonus de la Matinale",
            "Morning show bonus",
            {"fixed": 20},
            {"kind": {"one_of": ["onair_code"]}},
            {"show": {"one_of": ["la-matinale"]}},
            {"weekdays": {"days": [1, 2, 3, 4, 5]}},
            {"hours": {"from": "06:00", "to": "09:30"}},
        ),
        "chat-en-direct": _chat({"fixed": 8}, least_words=1),
        "quiz-participation": _rule(
            "Répondre au quiz",
            "Answer the quiz",
            {"fixed": 10},
            {"kind": {"one_of": ["quiz_answer"]}},
            stacking="best",
        ),
        "quiz-score": _rule(
            "Bonnes réponses au quiz",
            "Right answers in the quiz",
            {"points": 4, "per": 1},
            {"kind": {"one_of": ["quiz_answer"]}},
            limits={"per_week": {"points": 120}},
            stacking="best",
        ),
        "pronostic": _rule(
            "Pronostic d’avant-match",
            "Prediction before the match",
            {"fixed": 15},
            {"kind": {"one_of": ["prediction"]}},
            limits={"per_week": {"times": 3}},
        ),
        "sondage": _rule(
            "Voter aux sondages",
            "Vote in the polls",
            {"fixed": 3},
            {"kind": {"one_of": ["vote"]}},
            limits={"per_day": {"points": 10}},
        ),
        "commentaire": _rule(
            "Commenter sur notre Mastodon",
            "Comment on our Mastodon",
            {"fixed": 10},
            {"kind": {"one_of": ["comment"]}},
            {"network": {"one_of": ["mastodon"]}},
            {"linked": {}},
            {"effort": {"min_words": 8}},
            limits={"per_day": {"times": 3}},
        ),
        "boutique": _rule(
            "Achats à la boutique",
            "Purchases in the shop",
            {"points": 2, "per": 100},
            {"kind": {"one_of": ["purchase"]}},
        ),
        "visite": _rule(
            "Passer nous voir au café",
            "Visit us at the café",
            {"fixed": 40},
            {"kind": {"one_of": ["check_in"]}},
            limits={"cooldown_seconds": 20 * 3600},
        ),
        "defi-cent-kilometres": _rule(
            "Défi des cent kilomètres",
            "Hundred kilometres challenge",
            {"fixed": CHALLENGE_POINTS},
            {"kind": {"one_of": ["challenge"]}},
            {"campaign": {"one_of": [CHALLENGE]}},
            limits={"budget_points": CHALLENGE_POINTS * (challenge_steps + challenge_steps // 40 + 1)},
        ),
        "soir-de-match": _rule(
            "Soir de match\N{NO-BREAK SPACE}: points triplés",
            "Match night: triple points",
            {"multiply_percent": 300},
            {"show": {"one_of": ["soir-de-match"]}},
            {"hours": {"from": "20:00", "to": "23:30"}},
            limits={"per_day": {"points": 60}},
            **{"from": _midnight(now, days=-30), "to": _midnight(now, days=15)},
        ),
        "assiduite": _rule(
            "Assiduité : une participation par jour",
            "Loyalty: an activity a day",
            {"fixed": 5},
            {"kind": {"one_of": _OWN_GAMES}},
            {"first_of_day": {"of": "any"}},
            points_class="status_only",
        ),
        "j-aime-instagram": _rule(
            "J’aime sur Instagram (compté, jamais payé)",
            "Likes on Instagram (counted, never paid)",
            {},
            {"kind": {"one_of": ["like"]}},
            {"network": {"one_of": ["instagram"]}},
            points_class="measure_only",
        ),
    }


def revised_chat() -> Body:
    """The rule of the chat after Odile has seen what one word is worth: less for each, more to be written."""
    return _chat({"fixed": 5}, least_words=3)


def _midnight(now: datetime, *, days: int) -> str:
    return moment(now.astimezone(ZONE).date() + timedelta(days=days), 0).isoformat()


def _chat(earn: Body, *, least_words: int) -> Body:
    return _rule(
        "Participer au chat en direct",
        "Take part in the live chat",
        earn,
        {"kind": {"one_of": ["live_chat"]}},
        {"network": {"one_of": ["twitch"]}},
        {"effort": {"min_words": least_words}},
        limits={"per_day": {"points": 40}, "cooldown_seconds": 60},
    )


def _rule(fr: str, en: str, earn: Body, *conditions: Body, points_class: str = "redeemable", **more: Any) -> Body:
    return {
        "name": {"fr": fr, "en": en},
        "class": points_class,
        "when": {"all": list(conditions)},
        "earn": earn,
        **more,
    }
