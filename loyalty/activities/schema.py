"""What a program may say to us about an activity: the one schema behind the API, the webhooks and the files.

Two forms of one activity are understood: our own fields, and CloudEvents 1.0 JSON
(https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate, validates_schema

from loyalty.activities.fact import ActivityFact, WithdrawnFact, numbered_act_key
from loyalty.fields import Moment, Text, WholeNumber

MOST_UNITS = 10**9
_WORD = r"[a-z0-9][a-z0-9_\-]{0,59}"  # "twitch", "live_chat"


def _word(says: str, **options: Any) -> Text:
    said = {"pattern": "Must be lower-case letters, digits, - and _."}
    return Text(
        minimum=1,
        maximum=60,
        pattern=f"^{_WORD}$",
        metadata={"description": says},
        error_messages=said,
        **options,
    )


def _text(says: str, *, minimum: int = 1, maximum: int = 255, lines: bool = False, **options: Any) -> Text:
    return Text(minimum=minimum, maximum=maximum, lines=lines, metadata={"description": says}, **options)


class _What(Schema):
    """What both forms say with the same words."""

    quantity = WholeNumber(
        minimum=1,
        maximum=MOST_UNITS,
        load_default=1,
        metadata={"description": "Units, for points per unit: cents, minutes, a score; 1 for a plain act."},
    )
    campaign = _text("The campaign it belongs to.", maximum=100, load_default=None)
    show = _text("The slug of the show it belongs to.", maximum=100, load_default=None)
    text = _text(
        "What was written. It is measured, then forgotten.",
        minimum=0,
        maximum=5000,
        lines=True,
        load_default=None,
    )
    actor_name = _text("The account's name as the network shows it.", maximum=200, load_default=None)


class ActivitySchema(_What):
    """One activity in our own fields; unknown ones are refused.

    Loads an `ActivityFact`.
    """

    network = _word('Where it happened: "twitch", or "station" when the actor is a fan\'s number.', required=True)
    actor = _text("The account's identifier on that network.", required=True)
    kind = _word('What was done: "comment", "live_chat", "vote", "purchase" ...', required=True)
    object = _text("What it was done to: a post, a video, a code, a product.", maximum=1000, required=True)
    id = _text(
        "Your identifier of this very act. Without it, the same actor doing the same kind to the same object "
        "is the same act for ever.",
        load_default=None,
    )
    happened_at = Moment(
        past=True,
        load_default=None,
        metadata={"description": "When it happened, with its time zone; without it, when we hear of it."},
    )

    @post_load
    def _fact(self, given: dict[str, Any], **_: Any) -> ActivityFact:
        return ActivityFact(external_id=given.pop("id"), **given)


class WithdrawalSchema(Schema):
    """An act, or a part of it, that is no more.

    The act is named as it was: by network and id, or without an id by network, actor, kind and object. Loads a
    `WithdrawnFact`.
    """

    network = _word("The network of the act.", required=True)
    source = _text("The CloudEvents source under which the act was sent, if it was.", maximum=1000, load_default=None)
    id = _text("Your identifier of the act.", load_default=None)
    actor = _text("With kind and object: an act that had no id.", load_default=None)
    kind = _word("See actor.", load_default=None)
    object = _text("See actor.", maximum=1000, load_default=None)
    happened_at = Moment(past=True, load_default=None, metadata={"description": "When it was withdrawn."})
    withdrawn_quantity = WholeNumber(
        minimum=1,
        maximum=MOST_UNITS,
        load_default=None,
        metadata={"description": "The total withdrawn up to now, not this step's; without it, the whole act."},
    )

    @validates_schema(skip_on_field_errors=True)
    def _names_one_act(self, given: Mapping[str, Any], **_: Any) -> None:
        described = [given.get(name) is not None for name in ("actor", "kind", "object")]
        numbered = given.get("id") is not None
        if (numbered and any(described)) or not (numbered or all(described)):
            raise ValidationError("Name the act by its id, or else by its actor, kind and object.", "id")
        source = given.get("source")
        if source is not None and not f"{source}/".startswith(f"/{given['network']}/"):
            raise ValidationError("Must begin with the network, such as /twitch/channel/123.", "source")

    @post_load
    def _fact(self, given: dict[str, Any], **_: Any) -> WithdrawnFact:
        if given["id"] is not None:
            act_key = numbered_act_key(given["source"] or given["network"], given["id"])
        else:
            named = {name: given[name] for name in ("network", "actor", "kind", "object")}
            act_key = ActivityFact(**named).act_key
        return WithdrawnFact(
            act_key=act_key, happened_at=given["happened_at"], withdrawn_quantity=given["withdrawn_quantity"]
        )


class CloudEventDataSchema(_What):
    """The `data` of a CloudEvent of ours."""

    object = _text("What it was done to; without it, the source.", maximum=1000, load_default=None)


class CloudEventSchema(Schema):
    """One activity as a CloudEvents 1.0 event in structured JSON.

    Its natural key is (source, id), as CloudEvents says. Extension attributes are let through, unread. Loads an
    `ActivityFact`.
    """

    class Meta:
        unknown = EXCLUDE

    specversion = fields.String(required=True, validate=validate.Equal("1.0"), metadata={"enum": ["1.0"]})
    id = _text("The event's identifier, one per source.", required=True)
    source = Text(
        minimum=1,
        maximum=1000,
        pattern=rf"^/{_WORD}(/.*)?$",
        error_messages={"pattern": "Must begin with the network, such as /twitch/channel/123."},
        metadata={"description": "Where it happened, the network first: /twitch/channel/123."},
        required=True,
    )
    type = Text(
        maximum=80,
        pattern=rf"^fan\.activity\.{_WORD}\.v1$",
        error_messages={"pattern": "Must be fan.activity.<kind>.v1, such as fan.activity.comment.v1."},
        metadata={"description": "What was done: fan.activity.<kind>.v1."},
        required=True,
    )
    subject = _text("Who did it: the account's identifier on that network.", required=True)
    time = Moment(past=True, load_default=None, metadata={"description": "When it happened, with its time zone."})
    datacontenttype = Text(
        maximum=100,
        pattern=r"^application/([a-z0-9.+\-]+\+)?json(;.*)?$",
        error_messages={"pattern": "Only JSON data is read."},
        load_default=None,
    )
    dataschema = _text("Not read.", maximum=1000, load_default=None)
    data = fields.Nested(CloudEventDataSchema, load_default=None)

    @validates_schema(pass_original=True)
    def _data_is_json(self, _: Any, original: Mapping[str, Any], **__: Any) -> None:
        if "data_base64" in original:
            raise ValidationError("Binary data is not read: send JSON in data.", "data_base64")

    @post_load
    def _fact(self, given: dict[str, Any], **_: Any) -> ActivityFact:
        what = given["data"] or {"object": None}
        return ActivityFact(
            network=given["source"].split("/")[1],
            actor=given["subject"],
            kind=given["type"].split(".")[2],
            external_id=given["id"],
            scope=given["source"],
            happened_at=given["time"],
            **{**what, "object": what["object"] or given["source"]},
        )


# Made once: a schema copies all its fields whenever it is made.
_activity, _cloudevent, _withdrawal = ActivitySchema(), CloudEventSchema(), WithdrawalSchema()


def is_cloudevent(document: Any) -> bool:
    """Whether `document` means to be a CloudEvent: only those have a `specversion`."""
    return isinstance(document, Mapping) and "specversion" in document


def cloudevent_fact(event: Any) -> ActivityFact:
    """The activity a CloudEvents 1.0 event in structured JSON tells of.

    Raises:
        marshmallow.ValidationError: it is no such event; by attribute.
    """
    fact: ActivityFact = _cloudevent.load(event)
    return fact


def activity_fact(document: Any) -> ActivityFact:
    """The activity `document` tells of, in either form.

    Raises:
        marshmallow.ValidationError: it is neither; by field.
    """
    if is_cloudevent(document):
        return cloudevent_fact(document)
    fact: ActivityFact = _activity.load(document)
    return fact


def withdrawn_fact(document: Any) -> WithdrawnFact:
    """The withdrawal `document` tells of.

    Raises:
        marshmallow.ValidationError: it tells of none; by field.
    """
    fact: WithdrawnFact = _withdrawal.load(document)
    return fact
