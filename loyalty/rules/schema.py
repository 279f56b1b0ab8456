"""A rule as JSON, version 1: what may be written, and the one way it is kept.

{"name": {"fr": "Bonjour du matin", "en": "Morning hello"},
 "class": "redeemable",
 "when": {"all": [{"kind": {"one_of": ["live_chat"]}}, {"hours": {"from": "06:00", "to": "09:00"}}]},
 "earn": {"fixed": 10},
 "limits": {"per_day": {"points": 50}}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from loyalty.errors import Invalid
from loyalty.fields import Moment, Text, WholeNumber
from loyalty.rules.evaluate import ADD, BEST, EXCLUSIVE, MEASURE_ONLY, REDEEMABLE, STATUS_ONLY
from loyalty.rules.tree import ALWAYS, TreeField

VERSION = 1
MOST_RULES = 500
MOST_POINTS = 10**6  # of one award
MOST_SUM = 10**12  # of all awards of a rule
MOST_MEMBERS = 50  # of one object
MOST_VALUES = 20_000  # of all lists and objects of one rule
YEAR_SECONDS = 366 * 86_400
MOST_PENDING_HOURS = 366 * 24


def _says(text: str) -> dict[str, str]:
    return {"description": text}


class Flag(fields.Boolean):
    """true or false, and not what might mean it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class NameSchema(Schema):
    """The name of a rule in each language."""

    fr = Text(minimum=1, maximum=120, required=True)
    en = Text(minimum=1, maximum=120, required=True)


class EarnSchema(Schema):
    """How much: fixed points, points for every whole `per` units, or both; or else a multiplier."""

    fixed = WholeNumber(minimum=1, maximum=MOST_POINTS, metadata=_says("Points for each activity."))
    points = WholeNumber(minimum=1, maximum=MOST_POINTS, metadata=_says("Points for every whole `per` units."))
    per = WholeNumber(minimum=1, maximum=10**9, metadata=_says("Units of the activity's quantity."))
    multiply_percent = WholeNumber(
        minimum=101,
        maximum=10_000,
        metadata=_says("300 triples what the rules of the same class give; several add their extra points up."),
    )

    @validates_schema(skip_on_field_errors=True)
    def _is_one_way(self, given: Mapping[str, Any], **_: Any) -> None:
        if ("points" in given) != ("per" in given):
            raise ValidationError("points and per come together.")
        if "multiply_percent" in given and len(given) > 1:
            raise ValidationError("multiply_percent stands alone.")


class CapSchema(Schema):
    """At most so many points, or so many times, for one fan in one period."""

    points = WholeNumber(minimum=1, maximum=MOST_SUM)
    times = WholeNumber(minimum=1, maximum=MOST_POINTS)

    @validates_schema(skip_on_field_errors=True)
    def _limits_something(self, given: Mapping[str, Any], **_: Any) -> None:
        if not given:
            raise ValidationError("Give points, times or both.")


class LimitsSchema(Schema):
    """Where a rule stops. Days and weeks (from Monday) are the programme's."""

    per_day = fields.Nested(CapSchema)
    per_week = fields.Nested(CapSchema)
    ever = fields.Nested(CapSchema)
    cooldown_seconds = WholeNumber(
        minimum=1,
        maximum=YEAR_SECONDS,
        metadata=_says("At least so long between two awards to one fan, in whatever order they arrive."),
    )
    budget_points = WholeNumber(
        minimum=1, maximum=MOST_SUM, metadata=_says("For all fans together; it stops exactly there.")
    )


class RuleSchema(Schema):
    """The body of a rule."""

    name = fields.Nested(NameSchema, required=True)
    enabled = Flag(load_default=True)
    points_class = fields.String(
        data_key="class",
        required=True,
        validate=validate.OneOf((REDEEMABLE, STATUS_ONLY, MEASURE_ONLY)),
        metadata=_says("Points to spend, points for rank only, or none: the activity is only counted."),
    )
    when = TreeField(
        load_default=ALWAYS,
        metadata={
            "type": "object",
            "description": 'A tree: {"all": [...]}, {"any": [...]}, {"none": [...]}, {"<condition>": {...}}.',
        },
    )
    earn = fields.Nested(EarnSchema, load_default=dict)
    limits = fields.Nested(LimitsSchema, load_default=dict)
    pending_hours = WholeNumber(
        minimum=0,
        maximum=MOST_PENDING_HOURS,
        metadata=_says("Hours before the points can be spent; without it, as the programme says for kind and network."),
    )
    starts_at = Moment(data_key="from", load_default=None, allow_none=True)
    ends_at = Moment(
        data_key="to",
        load_default=None,
        allow_none=True,
        metadata=_says("The first instant it no longer counts."),
    )
    priority = WholeNumber(minimum=-1000, maximum=1000, load_default=0, metadata=_says("The highest is asked first."))
    stacking = fields.String(
        load_default=ADD,
        validate=validate.OneOf((ADD, BEST, EXCLUSIVE)),
        metadata=_says("Adds up; only the best of all `best` rules; or alone, the first such by priority."),
    )

    @validates_schema(skip_on_field_errors=True)
    def _agrees_with_itself(self, given: Mapping[str, Any], **_: Any) -> None:
        if not given["earn"] and given["points_class"] != MEASURE_ONLY:
            raise ValidationError("Say how much it earns.", "earn")
        if "multiply_percent" in given["earn"] and given["stacking"] != ADD:
            raise ValidationError("A multiplier goes with the stacking add.", "stacking")
        if given["starts_at"] and given["ends_at"] and given["starts_at"] >= given["ends_at"]:
            raise ValidationError("Must be after from.", "to")


class SlugText(Text):
    """The name of a rule in addresses and files: "morning-chat"."""

    def __init__(self, **options: Any) -> None:
        said = {"pattern": "Must be lower-case letters, digits and single hyphens."}
        super().__init__(maximum=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", error_messages=said, **options)


class DocumentSchema(Schema):
    """Rules as `loyalty rules export` writes them; the bodies are checked one by one."""

    version = fields.Integer(strict=True, required=True, validate=validate.Equal(VERSION))
    rules = fields.Dict(keys=SlugText(), values=fields.Raw(), required=True, validate=validate.Length(max=MOST_RULES))


_rule, _document, _slug = RuleSchema(), DocumentSchema(), SlugText()


def loaded(body: Any) -> dict[str, Any]:
    """The body with its defaults, instants read and conditions found.

    Raises:
        Invalid: with what is wrong, by path.
    """
    _refuse_monsters(body)
    try:
        found: dict[str, Any] = _rule.load(body)
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    return found


def canonical(body: Any) -> dict[str, Any]:
    """The body as it is kept: defaults written out, instants in UTC, sets in order.

    Two bodies that mean the same have, but for the order of their conditions, one canonical form.

    Raises:
        Invalid: with what is wrong, by path.
    """
    kept: dict[str, Any] = _rule.dump(loaded(body))
    return kept


def in_order(body: Mapping[str, Any]) -> dict[str, Any]:
    """A kept body with its members in their usual order, which PostgreSQL forgets."""
    try:
        return canonical(body)
    except Invalid:  # it names a condition that is no more
        return dict(body)


def checked_slug(slug: Any) -> str:
    """The slug, which may name a rule.

    Raises:
        Invalid: it may not.
    """
    try:
        return str(_slug.deserialize(slug))
    except ValidationError as problem:
        raise Invalid({"slug": problem.messages}) from None


def canonical_document(document: Any) -> dict[str, dict[str, Any]]:
    """The canonical bodies of a document, by slug.

    Raises:
        Invalid: with all that is wrong with all rules, by path.
    """
    errors: dict[str, Any] = {}
    bodies = {}
    try:
        rules = _document.load(document)["rules"]
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    for slug, body in sorted(rules.items()):
        try:
            bodies[slug] = canonical(body)
        except Invalid as problem:
            errors[slug] = problem.errors
    if errors:
        raise Invalid({"rules": errors})
    return bodies


def _refuse_monsters(body: Any) -> None:
    """What no rule needs is refused before anything looks at it closely."""
    seen, waiting = 0, [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping) and len(value) > MOST_MEMBERS:
            raise Invalid({"_schema": [f"An object has more than {MOST_MEMBERS} members."]})
        inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        seen += len(inside)
        if seen > MOST_VALUES:
            raise Invalid({"_schema": [f"More than {MOST_VALUES} values."]})
        waiting.extend(inside)


def problems(errors: Any, path: str = "") -> Iterator[str]:
    """What is wrong, a line each, with its path: "when.all[0].hours.to: Missing data for required field."."""
    if isinstance(errors, Mapping):
        for name, inside in errors.items():
            step = f"[{name}]" if isinstance(name, int) else f".{_shown(name)}" if path else _shown(name)
            yield from problems(inside, path if name == "_schema" else path + step)
    else:
        for text in errors if isinstance(errors, list) else [errors]:
            yield f"{path}: {text}" if path else str(text)


def _shown(name: Any) -> str:
    """A name as somebody typed it, also a hostile one: never a control character, never a page long."""
    text = str(name)[:60]
    return text if text.isprintable() else repr(text)
