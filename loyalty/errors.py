"""What a person may get wrong: a refusal with a stable code for machines and a sentence for people."""

from __future__ import annotations

from typing import Any, ClassVar

from loyalty.i18n import Words


class Refused(Exception):
    """Base of every refusal. A subclass fixes `code`, `status` (HTTP) and `words`; an instance adds what was wrong.

    Args:
        holes: values for the holes of `words`; they also travel to API clients as extension members.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    words: ClassVar[Words] = Words(fr="Demande refusée.", en="Request refused.")

    def __init__(self, **holes: Any) -> None:
        super().__init__(self.code)
        self.holes = holes

    def say(self, language: str) -> str:
        """The sentence for people, in `language`."""
        return self.words.say(language, **self.holes)

    def __str__(self) -> str:
        return f"{self.code}: {self.say('en')}"


class NotFound(Refused):
    """There is no such thing, or it is not yours to see: both answer the same."""

    code = "not_found"
    status = 404
    words = Words(fr="Introuvable : {what}.", en="Not found: {what}.")


class Invalid(Refused):
    """The content does not fit its schema; `errors` maps each field to what is wrong with it."""

    code = "invalid"
    words = Words(fr="Contenu invalide : {summary}", en="Invalid content: {summary}")

    def __init__(self, errors: Any, **holes: Any) -> None:
        super().__init__(summary=_summary(errors), **holes)
        self.errors = errors


class Conflict(Refused):
    """The thing exists already with another content, or changed meanwhile."""

    code = "conflict"
    status = 409
    words = Words(fr="Conflit : {what}.", en="Conflict: {what}.")


class Busy(Refused):
    """The database could not be written within the time allowed; nothing was lost, try again."""

    code = "busy"
    status = 503
    retry_after_seconds = 2
    words = Words(fr="Service occupé, réessayez dans un instant.", en="Busy, please try again in a moment.")


def _summary(errors: Any) -> str:
    if isinstance(errors, dict):
        return " ".join(f"{field}: {_summary(problem)}" for field, problem in errors.items())
    if isinstance(errors, (list, tuple)):
        return " ".join(_summary(problem) for problem in errors)
    return str(errors)
