"""The contract of a condition: one file in `rules/conditions/` whose `plugin` says when a rule applies.

To add one: write `rules/conditions/<name>.py`, subclass `Condition`, end with `plugin = MyCondition()`.
Nothing else lists it: rules may name it at once, the API documents it and the same test walks it as all others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import Schema

from loyalty.i18n import Words
from loyalty.rules.situation import Situation


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule did not award: a code of its plug-in and the values its sentence names (JSON values only).

    Attributes:
        elsewhere: the rule is about something else altogether (another network, another show): a fan who asks
            why an activity earned nothing is told of the other rules first.
    """

    code: str
    holes: Mapping[str, Any] = field(default_factory=dict)
    elsewhere: bool = False


Test = Callable[[Situation], Reason | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What the station has, for an editor to offer: its shows, by slug."""

    shows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """How an editor asks for one parameter.

    Attributes:
        label: before the field.
        choices: values to tick or choose from, in this order; where the schema takes others too, they can be typed.
    """

    label: Words
    choices: Mapping[Any, Words] = field(default_factory=dict)


class Condition(ABC):
    """One question about an activity.

    Attributes:
        name: how a rule's JSON names it.
        title: how an editor shows it.
        schema: marshmallow schema of its parameters; strict, unknown fields refused, bounded sizes.
        reasons: each reason code it may give, with its sentence; codes are unique over all conditions.
        example: parameters that are valid, for the documentation and the tests.
        is_deed: whether its sentence says what the fan does ("you comment") and not how, when or where
            ("on Twitch").
    """

    name: ClassVar[str]
    title: ClassVar[Words]
    schema: ClassVar[type[Schema]]
    reasons: ClassVar[Mapping[str, Words]]
    example: ClassVar[Mapping[str, Any]]
    is_deed: ClassVar[bool] = False

    @abstractmethod
    def compile(self, parameters: Mapping[str, Any]) -> Test:
        """A closure that answers None when the condition holds, else the reason.

        Args:
            parameters: as loaded by `schema`. Do what is costly here, once a revision; the closure runs for
                every activity, must be pure and take bounded time.
        """

    @abstractmethod
    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        """The condition as a piece of "You earn 10 points when ...", for fans: words and their holes.

        Args:
            parameters: as loaded by `schema`.
        """

    def questions(self, known: Known) -> Mapping[str, Question]:
        """How an editor asks for the parameters, by the name they have in JSON; one left out is asked for by its name.

        The kind of field follows from the schema: a box, a number, a time of day, a list of words.
        """
        return {}

    def spoken(self, holes: Mapping[str, Any], language: str) -> Mapping[str, Any]:
        """The holes of a reason or a sentence as a reader sees them: "live_chat" needs a name in `language`."""
        return holes
