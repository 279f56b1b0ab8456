"""The contract of an animation: an activity the station hosts itself, on its own pages, for internet users.

One new file makes a new kind of animation:

1. `loyalty/animations/<name>.py`: a class that derives from `AnimationKind` and answers its methods; at the end of
   the file, `plugin = ThatClass()`.
2. An earning rule about its `activity_kind`. What an answer is worth is said in units (the activity's `quantity`):
   a rule of "1 point per unit" follows them, a rule of fixed points does not; the rule stays data.

Nothing is registered anywhere: it can be opened at once through `POST /animations`, the API takes its answers, and
`tests/walks/test_animations.py` walks it as all others. A kind touches neither the database nor the clock: it is given
what was opened, what was said, and when. One fan has one part in one animation: attempts are counted, the answer is
kept once, the act is recorded once for ever, whatever the kind.

What later kinds need is here: an answer of choices is an answer schema, a lock time is the end of the window by the
server's clock, what is known only later (the result of a match) is `settled_later`: every answer then waits in review
with its choice (`Accepted.kept`), until it is released or refused.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from loyalty.errors import Invalid, Refused
from loyalty.i18n import Words

Said = Mapping[str, Any]  # JSON values only
Sentence = tuple[Words, Mapping[str, Any]]  # words, and values for their holes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One animation, as it was opened.

    Attributes:
        starts_at: from when answers count; on air, when the host says it.
        ends_at: the first instant they no longer do.
        settings: as its kind's schema loaded them; everybody on the staff may see them.
        solution: likewise; what makes an answer right. Kept from whoever may not open animations.
    """

    slug: str
    starts_at: datetime
    ends_at: datetime
    settings: Said
    solution: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the fan stands in this animation.

    Attributes:
        attempts_left: after this one; None where they are not limited.
    """

    attempts_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An answer that counts.

    Attributes:
        quantity: what it is worth, in units of the activity.
        kept: what of the answer has to be remembered (the choice made in a poll); None where right is right.
        hidden: it is kept for a person to look at, while the fan is told this refusal, the same as everybody else.
    """

    quantity: int = 1
    kept: Said | None = None
    hidden: Refused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How many accepted answers came when.

    Attributes:
        early: before the start.
        minutes: by whole minutes since the start; a minute without any may be missing.
    """

    early: int = 0
    minutes: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))


class NoSettings(Schema):
    """A kind that has nothing to choose, or nothing to know."""


class AnimationKind(ABC):
    """One kind of animation. See the module's docstring for how to add one.

    Attributes:
        name: in data, for ever.
        title: for people.
        activity_kind: of the activities it makes, a word of `activities.fact.KINDS`.
        settings, solution, answer: marshmallow schemas, strict; what they load are JSON values. Settings have
            defaults. The form of the admin is made of the first two: the metadata of a field may hold a `label`
            (`Words`), and `rarely` where hardly anybody changes it.
        example: settings that are valid, for the documentation and the tests.
        example_solution, example_answer: one that is right for the other.
        waiting: what a fan is told whose answer is being looked at: neutral, and never that somebody is suspected.
        settled_later: every answer waits in review until somebody knows the result.
        listens_early: whether an answer before the start is given to `check` at all.
        opens_at_once: whether it needs no choice of anybody: staff open it with one button, while the show is on.
    """

    name: ClassVar[str]
    title: ClassVar[Words]
    activity_kind: ClassVar[str]
    settings: ClassVar[type[Schema]] = NoSettings
    solution: ClassVar[type[Schema]] = NoSettings
    answer: ClassVar[type[Schema]]
    example: ClassVar[Said] = MappingProxyType({})
    example_solution: ClassVar[Said] = MappingProxyType({})
    example_answer: ClassVar[Said]
    waiting: ClassVar[Words] = Words(
        fr="Bien reçu. Votre réponse est en cours de vérification : vous verrez le résultat ici.",
        en="Received. Your answer is being checked: you will see the result here.",
    )
    settled_later: ClassVar[bool] = False
    listens_early: ClassVar[bool] = False
    opens_at_once: ClassVar[bool] = False

    @abstractmethod
    def how(self, opened: Opened) -> Sentence:
        """What fans are told to do. Never a word about the solution."""

    @abstractmethod
    def check(self, opened: Opened, said: Said, standing: Standing, now: datetime) -> Accepted | Refused:
        """Whether an answer counts and what it is worth, or why it does not; pure.

        Args:
            said: as loaded by `answer`.
            now: when it was given; before `opened.ends_at`, and not before `opened.starts_at` unless the kind
                `listens_early`.

        Returns:
            a refusal is returned, not raised: the attempt counts. It must not tell how near the answer was.
        """

    def new_solution(self) -> Said:
        """What the solution is when nobody gave one."""
        return {}

    def attempts(self, settings: Said) -> int | None:
        """How many answers one fan may try, the right one included; None: not limited."""
        return None

    def worth(self, settings: Said, minutes: int) -> int | None:
        """What a right answer is worth so many whole minutes after the start, in units; None: that says only itself.

        Staff are shown it before they open it.
        """
        return None

    def heard(self, text: str) -> Said | None:
        """What a message in a chat would be as an answer; None where this kind is not played in chats, or it is none.

        It is given to `check` like any other answer; what is not right is just a message.
        """
        return None

    def alarm(self, opened: Opened, curve: Curve) -> Sentence | None:
        """Why further answers should be looked at by a person, as the staff is told; None as long as all looks usual.

        Pure; asked every few seconds while the animation is open.
        """
        return None

    def load_settings(self, given: Any) -> dict[str, Any]:
        """The settings, complete.

        Raises:
            Invalid
        """
        return _loaded(self.settings(), given, "settings")

    def load_solution(self, given: Any) -> dict[str, Any]:
        """The solution.

        Raises:
            Invalid
        """
        return _loaded(self.solution(), given, "solution")

    def load_answer(self, given: Any) -> dict[str, Any]:
        """What a fan says.

        Raises:
            Invalid
        """
        return _loaded(self.answer(), given, "answer")


def _loaded(schema: Schema, given: Any, where: str) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as problem:
        raise Invalid({where: problem.messages}) from None
    return loaded
