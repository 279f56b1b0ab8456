"""What is sent and answered about animations and fans' answers."""

from marshmallow import Schema, fields, validate

from loyalty.animations.tables import IN_REVIEW, RECORDED, REFUSED
from loyalty.fields import Moment, Text, WholeNumber
from loyalty.web.api.outcomes import OutcomeSchema
from loyalty.web.api.schemas import Answer, Id, PageQuery, SentenceSchema

_BY_KIND = {"type": "object", "description": "By kind."}


class AnimationSchema(Answer):
    """An animation; never its solution."""

    slug = fields.String()
    kind = fields.String(metadata={"description": "`on_air_code`."})
    name_fr = fields.String()
    name_en = fields.String()
    show = fields.String(allow_none=True)
    starts_at = Moment()
    ends_at = Moment()
    state = fields.String(metadata={"enum": ["scheduled", "open", "closed", "voided"]})
    settings = fields.Dict(metadata=_BY_KIND)
    how = fields.Nested(SentenceSchema, metadata={"description": "What fans are told to do."})
    created_at = Moment()
    closed_at = Moment(allow_none=True, metadata={"description": "When staff closed it before its end."})
    voided_at = Moment(allow_none=True)
    taken_back_at = Moment(
        allow_none=True, metadata={"description": "When all that a voided one had earned was taken back."}
    )
    frozen_at = Moment(allow_none=True, metadata={"description": "Since when each answer waits for a person."})
    frozen_because = fields.Nested(SentenceSchema, allow_none=True)


class AnimationOpenedSchema(AnimationSchema):
    """An animation just opened, with its solution."""

    solution = fields.Dict(metadata=_BY_KIND)


class AnimationFansSchema(Answer):
    """How many fans have come how far."""

    trying = WholeNumber(minimum=0, metadata={"description": "Answered, never rightly so far."})
    recorded = WholeNumber(minimum=0)
    in_review = WholeNumber(minimum=0)
    refused = WholeNumber(minimum=0)


class AnimationCountedSchema(AnimationSchema):
    """An animation, with how many took part."""

    fans = fields.Nested(AnimationFansSchema)


class AnimationSolutionSchema(Answer):
    """What makes an answer right."""

    solution = fields.Dict(metadata=_BY_KIND)


class AnimationEndSchema(Schema):
    """Why an animation ends."""

    reason = Text(minimum=1, maximum=500, required=True, metadata={"description": "Why."})


class FanAnswerSchema(Schema):
    """What a fan answers."""

    fan = Id(required=True)
    answer = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": 'By kind. To a code: {"code": "..."}.'}
    )


class FanAnswerTakenSchema(Answer):
    """An answer that was taken."""

    state = fields.String(metadata={"enum": [RECORDED, IN_REVIEW]})
    quantity = WholeNumber(minimum=0, metadata={"description": "What it is worth, in units of the activity."})
    sentence = fields.Nested(SentenceSchema, metadata={"description": "What to tell the fan."})
    activity = fields.Nested(OutcomeSchema, allow_none=True, metadata={"description": "Null while it is in review."})


class KnownFanAnswerSchema(Answer):
    """The answer of one fan."""

    id = Id()
    fan = Id(attribute="fan_id")
    state = fields.String(metadata={"enum": [RECORDED, IN_REVIEW, REFUSED]})
    attempts = WholeNumber(minimum=0)
    happened_at = Moment(metadata={"description": "When the answer was given; before `starts_at` it was too early."})
    quantity = WholeNumber(minimum=0)
    answer = fields.Dict(allow_none=True, metadata={"description": "What of it matters beyond being right, by kind."})
    activity = Id(attribute="activity_id", allow_none=True, description="What it was recorded as.")
    reviewed_at = Moment(allow_none=True)
    reviewed_by = fields.String(allow_none=True)
    review_reason = fields.String(allow_none=True)


class AnswersQuery(PageQuery):
    """Which answers."""

    state = fields.String(load_default=None, validate=validate.OneOf([RECORDED, IN_REVIEW, REFUSED]))


class AnswersReviewSchema(Schema):
    """What is decided about answers in review."""

    decision = fields.String(required=True, validate=validate.OneOf(["release", "refuse"]))
    answers = fields.List(
        Id(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 1000),
        metadata={"description": "Which; null: all that wait, 5,000 in one call."},
    )
    reason = Text(minimum=1, maximum=500, required=True, metadata={"description": "Fans are told why it is refused."})


class AnswersReviewedSchema(Answer):
    """What a review did."""

    answers = WholeNumber(minimum=0, metadata={"description": "How many were decided now."})
    points = WholeNumber(minimum=0, metadata={"description": "What they earned."})
    left = WholeNumber(minimum=0, metadata={"description": "How many wait still; call again for more."})
