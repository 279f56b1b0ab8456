"""What may be said about partners and devices from outside."""

from typing import Any

import pytest
from marshmallow import ValidationError

from loyalty.partners.schema import EnrolSchema, PartnerSchema, PlaceSchema


def test_names_are_for_people_and_slugs_for_addresses() -> None:
    said = {"slug": "cafe-lumiere", "name": "Café Lumière"}
    assert PartnerSchema().load(said) == said
    assert PlaceSchema().load({"name": "Comptoir de la gare"}) == {"name": "Comptoir de la gare"}
    assert EnrolSchema().load({"code": "0123-4567", "name": "Caisse 1"})["code"] == "0123-4567"


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Café"},
        {"slug": "cafe"},
        {"slug": "Café", "name": "Café"},
        {"slug": "cafe--lumiere", "name": "Café"},
        {"slug": "c" * 61, "name": "Café"},
        {"slug": "cafe", "name": "\u202e\u0000"},
        {"slug": "cafe", "name": 7},
        {"slug": "cafe", "name": "Café", "id": 1},
    ],
)
def test_what_does_not_fit_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PartnerSchema().load(said)
