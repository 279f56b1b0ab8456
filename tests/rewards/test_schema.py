"""What may be said about a reward from outside."""

from typing import Any

import pytest
from marshmallow import ValidationError

from loyalty.rewards.schema import MovementSchema, ReceiptSchema, RewardChangeSchema, RewardSchema

WHOLE = {
    "slug": "coffee",
    "name_fr": "Un café",
    "name_en": "A coffee",
    "cost_points": 100,
    "partner": "cafe-lumiere",
}


def wrong_fields(**said: Any) -> set[str]:
    with pytest.raises(ValidationError) as refused:
        RewardSchema().load({**WHOLE, **said})
    return set(refused.value.messages_dict)


def test_what_is_not_said_is_left_out() -> None:
    assert RewardSchema().load(WHOLE) == WHOLE
    assert RewardChangeSchema().load({"per_fan_limit": None}) == {"per_fan_limit": None}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cost_points", 0),
        ("cost_points", 1.5),
        ("cost_points", "100"),
        ("cost_points", True),
        ("cost_points", 10**30),
        ("value_cents", -1),
        ("max_uses", 256),
        ("valid_days", 0),
        ("per_fan_limit", 0),
        ("slug", "Coffee"),
        ("slug", "coffee\n"),
        ("slug", "-coffee"),
        ("name_fr", " "),
        ("name_en", "A\u0000coffee"),
        ("name_en", "\ud800"),
        ("name_fr", "x" * 121),
        ("visible_from", "2026-11-23"),
        ("visible_from", "2026-11-23T08:00:00"),
        ("id", 7),
        ("archived_at", None),
        ("partner_id", 1),
    ],
)
def test_what_does_not_fit_is_refused_by_field(field: str, value: Any) -> None:
    assert wrong_fields(**{field: value}) == {field}


def test_the_slug_of_a_reward_never_changes() -> None:
    with pytest.raises(ValidationError):
        RewardChangeSchema().load({"slug": "tea"})


def test_stock_moves_by_whole_units_with_a_reason() -> None:
    receipt = {"quantity": 10, "donor": "Torréfaction", "reason": "livraison"}
    assert ReceiptSchema().load(receipt)["unit_cost_cents"] == 0
    movement = {"kind": "lost", "quantity": 1, "reason": "inventaire"}
    assert MovementSchema().load(movement)["lot"] is None
    assert MovementSchema().load({**movement, "lot": "912628260309827865"})["lot"] == 912628260309827865
    for wrong in ({"quantity": 0}, {"reason": ""}, {"kind": "received"}, {"lot": "9" * 19}, {"lot": 5}):
        with pytest.raises(ValidationError):
            MovementSchema().load({**movement, **wrong})
