"""A rule as a form, and the form as a rule: its conditions, what it earns, its limits, its window; or else as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from loyalty.errors import Invalid
from loyalty.fields import parse_moment
from loyalty.rules.tree import ALL, known_conditions
from loyalty.web import forms
from loyalty.web.admin.rules import asking
from loyalty.web.admin.rules.form_tree import Path, add, parts, shown, tree

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
PLAIN = frozenset(
    {"name_fr", "name_en", "class", "enabled", "fixed", "points", "per", "multiply_percent", "per_day_points",
     "per_day_times", "per_week_points", "per_week_times", "ever_points", "ever_times", "cooldown", "cooldown_in",
     "budget_points", "pending_hours", "from", "from_exact", "to", "to_exact", "priority", "stacking", "part", "slug",
     "based_on", "draft", "mode", "json", "do", "add-all", "add-any", "add-none", forms.TOKEN, forms.PROOF}
)  # fmt: skip
_LONGEST_JSON = 200_000
_MEMBERS = frozenset(
    {"name", "enabled", "class", "when", "earn", "limits", "from", "to", "priority", "stacking", "pending_hours"}
)


@dataclass
class Written:
    """What a form says: a body, which may not be valid, and where each piece of it was typed."""

    body: Any
    fields: dict[Path, str] = field(default_factory=dict)

    def errors(self, refused: Invalid) -> dict[str, list[str]]:
        """What is wrong, by the field it was typed into; "" for what belongs to none."""
        found: dict[str, list[str]] = {}
        for path, said in _flat(refused.errors):
            name = next((self.fields[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.fields), "")
            found.setdefault(name, []).append(said)
        return found


def written(raw: MultiDict[str, str]) -> Written:
    """The rule that a form says.

    Raises:
        Invalid: it is not JSON where JSON is asked for, or there is a field that no rule has.
    """
    if raw.get("mode") == "json":
        return Written(_read_json(raw.get("json", "")), {(): "json"})
    _refuse_unknown(raw)
    told = Written({}, {})
    body, paths = told.body, told.fields
    body["name"] = {language: raw.get(f"name_{language}", "").strip() for language in ("fr", "en")}
    body["enabled"] = raw.get("enabled", "yes") == "yes"
    for name in ("class", "stacking"):
        _put(body, paths, (name,), raw.get(name), name)
    body["when"] = tree(raw, paths)
    for name in ("fixed", "points", "per", "multiply_percent"):
        _put_number(body, paths, ("earn", name), raw, name)
    for period in ("per_day", "per_week", "ever"):
        for name in ("points", "times"):
            _put_number(body, paths, ("limits", period, name), raw, f"{period}_{name}")
    _put_number(body, paths, ("limits", "budget_points"), raw, "budget_points")
    for name in ("priority", "pending_hours"):
        _put_number(body, paths, (name,), raw, name)
    _cooldown(body, raw)
    for end in ("from", "to"):
        _put(body, paths, (end,), _moment(raw, end), end)
    paths |= {("name", language): f"name_{language}" for language in ("fr", "en")}
    paths |= {("earn",): "fixed", ("limits", "cooldown_seconds"): "cooldown"}
    return told


def of_body(body: Mapping[str, Any]) -> MultiDict[str, str]:
    """The form that says a rule: as fields where they can show it, else as JSON."""
    parts = shown(body.get("when", {ALL: []}))
    if parts is None or body.keys() - _MEMBERS:  # what a form does not know, it would lose
        return as_json(body)
    raw: MultiDict[str, str] = MultiDict(
        {
            "name_fr": body["name"]["fr"],
            "name_en": body["name"]["en"],
            "enabled": "yes" if body.get("enabled", True) else "no",
            "class": body["class"],
            "stacking": body.get("stacking", "add"),
            "priority": str(body.get("priority", 0)),
        }
    )
    for index, (group, name, parameters) in enumerate(parts):
        add(raw, known_conditions()[name], group, str(index), parameters)
    for name, value in body.get("earn", {}).items():
        raw[name] = str(value)
    for name, value in body.get("limits", {}).items():
        if isinstance(value, Mapping):
            raw.update({f"{name}_{unit}": str(count) for unit, count in value.items()})
        elif name == "cooldown_seconds":
            unit = next(unit for unit in ("hours", "minutes", "seconds") if value % SECONDS[unit] == 0)
            raw.update({"cooldown": str(value // SECONDS[unit]), "cooldown_in": unit})
        else:
            raw[name] = str(value)
    if body.get("pending_hours") is not None:
        raw["pending_hours"] = str(body["pending_hours"])
    for end in ("from", "to"):
        if body.get(end):
            raw[end] = forms.local_value(parse_moment(body[end]))
            raw[f"{end}_exact"] = body[end]
    return raw


def as_json(body: Any) -> MultiDict[str, str]:
    """The form that says a rule as JSON."""
    return MultiDict({"mode": "json", "json": json.dumps(body, ensure_ascii=False, indent=2)})


def _put(body: dict[str, Any], paths: dict[Path, str], path: Path, value: Any, name: str) -> None:
    paths[path] = name
    if value is not None:
        for step in path[:-1]:
            body = body.setdefault(step, {})
        body[path[-1]] = value


def _put_number(body: dict[str, Any], paths: dict[Path, str], path: Path, raw: MultiDict[str, str], name: str) -> None:
    text = raw.get(name, "").strip()
    _put(body, paths, path, asking.number(text) if text else None, name)


def _cooldown(body: dict[str, Any], raw: MultiDict[str, str]) -> None:
    text = raw.get("cooldown", "").strip()
    if text:
        said, unit = asking.number(text), SECONDS.get(raw.get("cooldown_in", "minutes"), 60)
        body.setdefault("limits", {})["cooldown_seconds"] = said * unit if isinstance(said, int) else said


def _moment(raw: MultiDict[str, str], name: str) -> str | None:
    """What was typed, as an instant; what the field cannot show of one, its seconds, stays while nobody changes it."""
    text, exact = raw.get(name, "").strip(), raw.get(f"{name}_exact", "")
    if not text:
        return None
    if exact and _is_instant(exact) and forms.local_value(parse_moment(exact)) == text:
        return exact
    try:
        at: datetime = forms.LocalMoment().deserialize(text)
    except ValidationError:
        return text
    return at.isoformat()


def _is_instant(text: str) -> bool:
    try:
        parse_moment(text)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _read_json(text: str) -> Any:
    if len(text) > _LONGEST_JSON:
        raise Invalid({"json": [f"Longer than maximum length {_LONGEST_JSON}."]})
    try:
        return json.loads(text)
    except RecursionError:
        raise Invalid({"json": ["Nested too deep."]}) from None
    except ValueError as problem:
        raise Invalid({"json": [str(problem)]}) from None


def _refuse_unknown(raw: MultiDict[str, str]) -> None:
    allowed = set(PLAIN)
    for part in parts(raw):
        allowed |= {f"{part.prefix}group", f"{part.prefix}is", *asking.names(part.condition, part.prefix)}
    unknown = sorted(raw.keys() - allowed)
    if unknown:
        raise Invalid({name: ["Unknown field."] for name in unknown})


def _flat(errors: Any, path: Path = ()) -> Iterable[tuple[Path, str]]:
    if isinstance(errors, Mapping):
        for name, inside in errors.items():
            yield from _flat(inside, path if name == "_schema" else (*path, name))
    elif isinstance(errors, (list, tuple)):
        for each in errors:
            yield from _flat(each, path)
    else:
        yield path, str(errors)
