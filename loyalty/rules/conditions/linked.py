"""The network account belongs to a fan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from loyalty.i18n import Words
from loyalty.rules.condition import Condition, Reason, Test


class _Parameters(Schema):
    """None: the name says it all."""


class Linked(Condition):
    """The account was linked to a fan when the activity was judged."""

    name = "linked"
    title = Words(fr="Compte relié", en="Linked account")
    schema = _Parameters
    reasons = {
        "not_linked": Words(
            fr="Reliez ce compte à votre profil pour gagner des {our_points}.",
            en="Link this account to your profile to earn {our_points}.",
        )
    }
    example: ClassVar[Mapping[str, Any]] = {}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        missed = Reason("not_linked")
        return lambda situation: None if situation.linked else missed

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        return Words(fr="avec un compte relié à votre profil", en="with an account linked to your profile"), {}


plugin = Linked()
