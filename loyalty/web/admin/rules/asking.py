"""From the schema of a condition to the fields of a form, and from what was typed back to its parameters.

No condition is known here: what there is to ask follows from its schema, and how from what it offers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, missing

from loyalty.rules.choices import ClockTime
from loyalty.rules.condition import Condition, Known

OTHERS = "others"
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")
Raw = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One field of a form.

    Attributes:
        kind: "ticks" (several of the choices), "choice" (one), "words" (a line each), "number", "time", "box", "text",
            or "json" for what has no field of its own.
        values: what is ticked or typed.
        others: the name of the field for values beside the choices, where those are taken, and what it holds.
    """

    name: str
    label: str
    kind: str
    values: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] = ()
    others: tuple[str, str] | None = None
    required: bool = False


def inputs(condition: Condition, prefix: str, raw: Raw, *, known: Known, language: str) -> list[Input]:
    """The fields of one condition, with what was typed into them.

    Args:
        prefix: of the names of its fields.
        raw: the whole form.
    """
    questions = condition.questions(known)
    found = []
    for parameter, field in _parameters(condition):
        question = questions.get(parameter)
        offered = {str(value): words.say(language) for value, words in (question.choices if question else {}).items()}
        name, kind = f"{prefix}{parameter}", _kind(field, bool(offered))
        values = tuple(raw.get(name, ()))
        others = None
        if kind == "ticks" and _takes_others(field):
            strange = [each for each in values if each not in offered]
            typed = [*raw.get(f"{name}-{OTHERS}", ()), *strange]
            others = (f"{name}-{OTHERS}", ", ".join(each for each in typed if each))
        found.append(
            Input(
                name=name,
                label=question.label.say(language) if question else parameter,
                kind=kind,
                values=values,
                choices=tuple(offered.items()),
                others=others,
                required=field.required,
            )
        )
    return found


def names(condition: Condition, prefix: str) -> Iterator[str]:
    """The names that fields of this condition may have."""
    for parameter, _ in _parameters(condition):
        yield f"{prefix}{parameter}"
        yield f"{prefix}{parameter}-{OTHERS}"


def typed(condition: Condition, prefix: str, raw: Raw) -> dict[str, Any]:
    """The parameters as they were typed: what is not valid is passed on, for the schema to say so."""
    found: dict[str, Any] = {}
    for parameter, field in _parameters(condition):
        name = f"{prefix}{parameter}"
        value = _value(field, raw.get(name, ()), raw.get(f"{name}-{OTHERS}", ()))
        if value is not missing:
            found[parameter] = value
    return found


def written(condition: Condition, prefix: str, parameters: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields of a form that say these parameters."""
    raw: dict[str, list[str]] = {}
    for parameter, field in _parameters(condition):
        if parameter in parameters:
            raw[f"{prefix}{parameter}"] = _texts(field, parameters[parameter])
    return raw


def begun(condition: Condition, prefix: str) -> dict[str, list[str]]:
    """The fields of a condition that was just added: what its schema says where nothing is said."""
    defaults = {
        parameter: field.load_default
        for parameter, field in _parameters(condition)
        if field.load_default not in (missing, None) and not callable(field.load_default)
    }
    return written(condition, prefix, defaults)


def number(text: str) -> Any:
    """A whole number as people type it, "1 250"; what is none is passed on as it is."""
    said = text.translate(_SPACES)
    return int(said) if re.fullmatch(r"[-−]?[0-9]{1,18}", said) else text


def _parameters(condition: Condition) -> Iterator[tuple[str, fields.Field[Any]]]:
    for name, field in condition.schema().fields.items():
        yield field.data_key or name, field


def _kind(field: fields.Field[Any], offered: bool) -> str:
    if isinstance(field, fields.List):
        return "ticks" if offered else "words"
    if isinstance(field, ClockTime):
        return "time"
    if isinstance(field, fields.Integer):
        return "number"
    if isinstance(field, fields.Boolean):
        return "box"
    if isinstance(field, fields.String):
        return "choice" if offered else "text"
    return "json"


def _takes_others(field: fields.Field[Any]) -> bool:
    return isinstance(field, fields.List) and isinstance(field.inner, fields.String)


def _value(field: fields.Field[Any], given: Sequence[str], others: Sequence[str]) -> Any:
    if isinstance(field, fields.List):
        whole = isinstance(field.inner, fields.Integer)
        items = [line.strip() for text in given for line in text.splitlines()]
        items += [part.strip() for text in others for part in text.split(",")]
        said = [number(each) if whole else each for each in items if each]
        return said or missing
    if isinstance(field, fields.Boolean):
        return bool(given)
    text = given[0].strip() if given else ""
    if not text:
        return missing
    if isinstance(field, fields.Integer):
        return number(text)
    return text if isinstance(field, fields.String) else _json(text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _texts(field: fields.Field[Any], value: Any) -> list[str]:
    if isinstance(field, fields.List) and isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(field, fields.Boolean):
        return ["on"] if value else []
    if isinstance(field, (fields.String, fields.Integer)):
        return [str(value)]
    return [json.dumps(value, ensure_ascii=False)]
