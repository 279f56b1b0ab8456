"""The form that opens an animation, made of what its kind says it needs: no kind is known by name here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from loyalty.animation import AnimationKind, Said
from loyalty.animations.kinds import known_kinds
from loyalty.animations.schema import LONGEST_MINUTES
from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.i18n import Words
from loyalty.web import forms

MINUTES = 30  # unless somebody says otherwise
SETTING, SOLUTION = "setting-", "solution-"
NOW, LATER = "now", "later"


class WhenSchema(Schema):
    """What is asked of every animation."""

    kind = Text(minimum=1, maximum=60, required=True)
    name_fr = Text(maximum=120, load_default="")
    name_en = Text(maximum=120, load_default="")
    show = Text(maximum=60, load_default="")
    when = fields.String(load_default=NOW, validate=validate.OneOf([NOW, LATER]))
    starts_at = forms.LocalMoment(load_default=None)
    minutes = forms.Number(minimum=1, maximum=LONGEST_MINUTES, load_default=MINUTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form that the kind asks for.

    Attributes:
        look: "number", "text", "lines" (one text a line) or "box".
    """

    name: str
    label: str
    look: str
    value: str
    rarely: bool
    required: bool


def kind_of(given: Mapping[str, str]) -> AnimationKind:
    """The kind a form is about: the one it names, else the first that opens at once, else the first.

    Raises:
        Invalid: it names one there is not.
    """
    kinds = known_kinds()
    if "kind" in given:
        if given["kind"] not in kinds:
            raise Invalid({"kind": ["Not a valid choice."]})
        return kinds[given["kind"]]
    return next((each for each in kinds.values() if each.opens_at_once), next(iter(kinds.values())))


def fields_of(kind: AnimationKind, given: Mapping[str, str], language: str) -> list[Field]:
    """The settings, then the solution, with what was filled in already or is good as it is."""
    made = kind.new_solution()
    return [
        *_fields(SETTING, kind.settings(), {}, given, language),
        *_fields(SOLUTION, kind.solution(), made, given, language),
    ]


def read(kind: AnimationKind, given: Mapping[str, str]) -> dict[str, Any]:
    """What `open_animation` takes, but for the start, which is `when` and `starts_at`.

    Raises:
        Invalid: with what is wrong, by field of the form.
    """
    settings, solution = kind.settings(), kind.solution()
    own = {name: value for name, value in given.items() if not name.startswith((SETTING, SOLUTION))}
    errors: dict[str, Any] = {}
    said: dict[str, Any] = {}
    if own.get("when") == LATER and not own.get("starts_at", "").strip():
        errors["starts_at"] = ["Missing data for required field."]
    try:
        said = WhenSchema().load(own)
    except ValidationError as problem:
        errors |= problem.normalized_messages()
    for prefix, schema, load, where in (
        (SETTING, settings, kind.load_settings, "settings"),
        (SOLUTION, solution, kind.load_solution, "solution"),
    ):
        try:
            said[where] = load(_values(schema, prefix, given))
        except Invalid as refused:
            found = refused.errors[where]
            errors |= {f"{prefix}{name}": what for name, what in found.items()} if isinstance(found, dict) else {}
    if errors:
        raise Invalid(errors)
    return said


def settings_in(kind: AnimationKind, given: Mapping[str, str]) -> dict[str, Any]:
    """The settings among the fields of a form, as the kind's schema loads them."""
    return _values(kind.settings(), SETTING, given)


def worth(kind: AnimationKind, settings: Said, minutes: int) -> list[tuple[int, int]]:
    """What an answer is worth after how many minutes: where it begins, where it ends, and half-way between."""
    values = [kind.worth(settings, minute) for minute in range(min(minutes, 240) + 1)]
    if None in values:
        return []
    last = next(at for at, value in enumerate(values) if value == values[-1])
    return [(at, value) for at in sorted({0, last // 2, last}) if (value := values[at]) is not None]


def _fields(prefix: str, schema: Schema, made: Said, given: Mapping[str, str], language: str) -> Iterator[Field]:
    for name, field in schema.fields.items():
        label, look = field.metadata.get("label"), _look(field)
        value = made.get(name, field.load_default)
        yield Field(
            name=f"{prefix}{name}",
            label=label.say(language) if isinstance(label, Words) else str(field.metadata.get("description", name)),
            look=look,
            value=given.get(f"{prefix}{name}", _written(value))
            if look != "box" or not given
            else given.get(f"{prefix}{name}", ""),
            rarely=bool(field.metadata.get("rarely")),
            required=field.required,
        )


def _look(field: fields.Field[Any]) -> str:
    if isinstance(field, fields.Boolean):
        return "box"
    if isinstance(field, fields.Number):
        return "number"
    return "lines" if isinstance(field, fields.List) else "text"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, (list, tuple)):
        return "\n".join(map(str, value))
    return str(value) if isinstance(value, (str, int, float)) else ""


def _values(schema: Schema, prefix: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The fields of one schema as the JSON values it loads; an unknown one goes along, to be refused."""
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name.startswith(prefix):
            field = schema.fields.get(name.removeprefix(prefix))
            values[name.removeprefix(prefix)] = text if field is None else _value(field, text)
    for name, field in schema.fields.items():
        if _look(field) == "box":
            values.setdefault(name, False)
    return {name: value for name, value in values.items() if value != ""}


def _value(field: fields.Field[Any], text: str) -> Any:
    look = _look(field)
    if look == "box":
        return text == "on"
    if look == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if look == "number" and text.strip():
        try:
            return forms.Number(minimum=-(10**18), maximum=10**18).deserialize(text)
        except ValidationError:
            return text
    return text
