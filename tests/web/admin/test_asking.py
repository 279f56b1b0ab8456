"""One file makes a new condition: the editor asks for a made-up one, whatever its parameters are."""

import html
import json
import re

import pytest
from marshmallow import Schema, fields, validate

from loyalty.fields import Text, WholeNumber
from loyalty.i18n import Words
from loyalty.rules import tree
from loyalty.rules.choices import Choices, ClockTime
from loyalty.rules.condition import Condition, Known, Question, Reason
from loyalty.web.admin.rules import asking
from tests.web.admin.test_rules import send

NOW = Known(shows={"matin": "Le {Matin}"})


class _Parameters(Schema):
    phases = Choices(Text(minimum=1, maximum=20), required=True)
    nights = fields.List(WholeNumber(minimum=1, maximum=7))
    seen_on = Choices(Text(minimum=1, maximum=100))
    least = WholeNumber(data_key="at-least", minimum=1, maximum=9, load_default=2)
    rises = ClockTime(load_default="21:30")
    half = fields.String(load_default="north", validate=validate.OneOf(("north", "south")))
    lucky = fields.Boolean(load_default=False)
    note = Text(maximum=20)
    sky = fields.Dict()


class Moon(Condition):
    """The moon stands right."""

    name = "moon"
    title = Words(fr="Lune", en="Moon")
    schema = _Parameters
    reasons = {"moon_elsewhere": Words(fr="La lune était ailleurs.", en="The moon was elsewhere.")}
    example = {"phases": ["full"]}

    def compile(self, parameters):
        return lambda situation: Reason("moon_elsewhere")

    def sentence(self, parameters):
        return Words(fr="par la lune {phases:list}", en="by the moon {phases:list}"), {"phases": parameters["phases"]}

    def questions(self, known):
        return {
            "phases": Question(Words(fr="phases", en="phases"), {"full": Words(fr="pleine", en="full moon")}),
            "nights": Question(Words(fr="nuits", en="nights"), {night: Words.verbatim(str(night)) for night in (1, 2)}),
            "half": Question(
                Words(fr="moitié", en="half"), {"north": Words.verbatim("N"), "south": Words.verbatim("S")}
            ),
            "seen_on": Question(
                Words(fr="vue", en="seen on"), {slug: Words.verbatim(name) for slug, name in known.shows.items()}
            ),
        }


WHOLE = {
    "phases": ["full", "new"], "nights": [1, 2], "seen_on": ["matin"], "at-least": 3, "rises": "20:15", "half": "south",
    "lucky": True, "note": "ôter", "sky": {"clear": 1},
}  # fmt: skip


@pytest.fixture
def moon(monkeypatch):
    """A condition that stands in no file."""
    found = {**tree.known_conditions(), "moon": Moon()}
    monkeypatch.setattr(tree, "plugins", lambda package: found)
    return found["moon"]


def test_the_kind_of_each_field_follows_from_the_schema(moon):
    raw = asking.written(moon, "p-", WHOLE)
    asked = {each.name: each for each in asking.inputs(moon, "p-", raw, known=NOW, language="en")}
    assert {name: each.kind for name, each in asked.items()} == {
        "p-phases": "ticks", "p-nights": "ticks", "p-seen_on": "ticks", "p-at-least": "number", "p-rises": "time",
        "p-half": "choice", "p-lucky": "box", "p-note": "text", "p-sky": "json",
    }  # fmt: skip
    assert asked["p-phases"].others == ("p-phases-others", "new"), "what is not offered can be typed"
    assert asked["p-nights"].others is None
    assert asked["p-seen_on"].choices == (("matin", "Le {Matin}"),)
    assert asked["p-note"].label == "note", "what has no question is asked for by its name"


def test_what_is_written_is_what_was_typed(moon):
    raw = asking.written(moon, "p-", WHOLE)
    assert asking.typed(moon, "p-", raw) == WHOLE
    assert asking.typed(moon, "p-", asking.begun(moon, "p-")) == {
        "at-least": 2, "rises": "21:30", "half": "north", "lucky": False,
    }  # fmt: skip
    typed = {"p-phases": ["full"], "p-phases-others": ["new , half"], "p-at-least": ["1 000"], "p-sky": ["{"]}
    said = asking.typed(moon, "p-", typed)
    assert said == {"phases": ["full", "new", "half"], "at-least": 1000, "sky": "{", "lucky": False}


def test_the_editor_asks_for_it_and_the_review_carries_it(app, moon, staff_at):
    browser = staff_at("editor")
    assert ">Moon<" in browser.get("/admin/rules/new").text
    form = {"name_fr": "Lune", "name_en": "Moon", "class": "status_only", "fixed": "1", "based_on": "0"}
    page = send(browser, "/admin/rules/form", do="add:all", **form, **{"add-all": "moon"}).text
    assert "full moon" in page and 'name="part-0-rises" type="time" value="21:30"' in page
    part = {"part": "0", "part-0-group": "all", "part-0-is": "moon", "part-0-phases": "full", "part-0-at-least": "12"}
    wrong = send(browser, "/admin/rules/form", **form, **part)
    assert wrong.status_code == 422 and 'id="part-0-at-least-help"' in wrong.text
    review = send(browser, "/admin/rules/form", **form, **(part | {"part-0-at-least": "4"}))
    carried = json.loads(html.unescape(re.search(r'name="body" value="([^"]+)"', review.text)[1]))
    assert carried["when"]["all"][0]["moon"]["at-least"] == 4
    assert "by the moon full" in review.text
