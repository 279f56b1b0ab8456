"""What is sent and answered about rules, and what a tree of conditions is."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from loyalty.activities.schema import ActivitySchema
from loyalty.fields import Moment, Text, WholeNumber
from loyalty.rules.schema import RuleSchema, SlugText
from loyalty.rules.tree import TreeField, known_conditions
from loyalty.web.api.outcomes import VerdictSchema
from loyalty.web.api.schemas import Answer, SentenceSchema


class Body(fields.Raw):
    """The body of a rule, passed on as it came: the flow checks it against `RuleSchema`."""


class RuleEditSchema(Schema):
    """A rule as it shall be from now on."""

    rule = Body(required=True)
    revision = WholeNumber(
        minimum=0,
        load_default=None,
        metadata={
            "description": "The revision you started from, 0 for a new rule: if it is not the latest any more, nothing "
            "is overwritten. `If-Match` with the ETag says the same. Without either, the edit is made in any case."
        },
    )
    reason = Text(minimum=1, maximum=500, load_default=None, metadata={"description": "Why."})
    in_force_from = Moment(
        load_default=None,
        metadata={
            "description": "It judges what happens from then on; now, if not said. From its own instant on it replaces "
            "every earlier revision, scheduled ones too."
        },
    )


class AppliedSchema(Answer):
    """What an edit did."""

    slug = fields.String()
    revision = WholeNumber(metadata={"description": "The latest: the one just made, or the one that says the same."})
    changed = fields.Boolean(metadata={"description": "Whether there is a new revision."})
    difference = fields.List(fields.String(), metadata={"description": "A line for each change."})


class RevisionSchema(Answer):
    """One revision of a rule."""

    revision = WholeNumber()
    rule = Body()
    difference = fields.List(fields.String(), metadata={"description": "What it changed in the one before."})
    in_force_from = Moment()
    created_at = Moment()
    created_by = fields.String()
    reason = fields.String(allow_none=True)


class KnownRuleSchema(Answer):
    """A rule and its latest revision."""

    slug = fields.String()
    revision = WholeNumber()
    rule = Body()
    sentence = fields.Nested(SentenceSchema, metadata={"description": "The rule as fans are told it."})
    in_force_from = Moment()
    points_issued = WholeNumber(minimum=0, metadata={"description": "To all fans, less what was reversed."})
    created_at = Moment()


class RuleHistorySchema(KnownRuleSchema):
    """A rule with all its revisions, the oldest first."""

    revisions = fields.List(fields.Nested(RevisionSchema))


class TrialSchema(Schema):
    """An activity to be judged, with rules that are not there yet."""

    activity = fields.Nested(ActivitySchema, required=True)
    drafts = fields.Dict(
        keys=SlugText(),
        values=Body(),
        load_default=dict,
        validate=Length(max=20),
        metadata={"description": "Bodies by slug; each takes the place of the rule of that slug, or stands beside."},
    )


class TriedSchema(Answer):
    """What the activity would earn."""

    outcome = fields.String(metadata={"enum": ["awarded", "refused", "measured"]})
    reason = fields.String()
    sentence = fields.Nested(SentenceSchema)
    points = WholeNumber(minimum=0)
    status_points = WholeNumber(minimum=0)
    verdicts = fields.List(fields.Nested(VerdictSchema))


def describe(api: Any) -> None:
    """Tell the OpenAPI document of `api` what a condition tree is, with every condition there is."""
    tree = {"$ref": "#/components/schemas/ConditionTree"}
    groups = [
        _one_key(word, {"type": "array", "items": tree, "minItems": least}, says)
        for word, least, says in (
            ("all", 0, "All of them hold; an empty list always does."),
            ("any", 1, "At least one of them holds."),
            ("none", 1, "None of them holds."),
        )
    ]
    conditions = []
    for name, condition in known_conditions().items():
        api.spec.components.schema(f"Condition.{name}", schema=condition.schema)
        parameters = {"$ref": f"#/components/schemas/Condition.{name}"}
        conditions.append(_one_key(name, parameters, condition.title.en, example=dict(condition.example)))
    api.spec.components.schema("ConditionTree", {"oneOf": [*groups, *conditions]})

    def rule2properties(self: Any, field: Any, **_: Any) -> dict[str, Any]:
        if isinstance(field, Body):
            return dict(self.resolve_nested_schema(RuleSchema))
        return dict(tree) if isinstance(field, TreeField) else {}

    api.ma_plugin.converter.add_attribute_function(rule2properties)


def _one_key(name: str, schema: dict[str, Any], says: str, example: Any = None) -> dict[str, Any]:
    described = {
        "type": "object",
        "description": says,
        "properties": {name: schema},
        "required": [name],
        "additionalProperties": False,
    }
    return described if example is None else {**described, "examples": [{name: example}]}
