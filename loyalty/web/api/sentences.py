"""Why an activity earned or did not, in a sentence of each language; said once, then remembered."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from typing import Any

from loyalty.i18n import LANGUAGES, point_names
from loyalty.rules.words import OUTCOMES, explain, explain_outcome
from loyalty.web.services import current_services

Sentences = dict[str, str]
_Names = tuple[tuple[str, str], ...]  # what the sentences call points, so that another name is another sentence


def of_verdict(kept: Mapping[str, Any]) -> Sentences:
    """The sentences of one verdict, as it is kept with its activity."""
    return dict(_of_verdict(_frozen(kept), current_services().zone(), _names()))


def of_outcome(reason: str, verdicts: Sequence[Mapping[str, Any]], *, points: int, status_points: int) -> Sentences:
    """The sentences of an activity as a whole: what was gained in all, or why nothing was."""
    # Only the verdict that gave the reason matters: without the others, many activities share a sentence.
    telling = [] if reason in OUTCOMES else [each for each in verdicts if each.get("reason") == reason][:1]
    return dict(_of_outcome(reason, _frozen(telling), points, status_points, current_services().zone(), _names()))


@lru_cache(maxsize=8192)
def _of_verdict(kept: str, zone: tzinfo, names: _Names) -> tuple[tuple[str, str], ...]:
    return _each(lambda language: explain(json.loads(kept), language, zone))


@lru_cache(maxsize=8192)
def _of_outcome(
    reason: str, verdicts: str, points: int, status_points: int, zone: tzinfo, names: _Names
) -> tuple[tuple[str, str], ...]:
    return _each(
        lambda language: explain_outcome(
            reason,
            json.loads(verdicts),
            language,
            points=points,
            status_points=status_points,
            time_zone=zone,
        )
    )


def _names() -> _Names:
    return tuple(point_names(language) for language in LANGUAGES)


def _each(say: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return tuple((language, say(language)) for language in LANGUAGES)


def _frozen(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
