"""The tiers of Radio Lumière: a day at a time, by the rule of one participation a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loyalty.db import Database
from loyalty.flows.manage_tiers import add_tier
from loyalty.flows.review_tiers import review_tiers

EVENINGS_FROM = "argent"
TIERS: tuple[Mapping[str, Any], ...] = (
    {
        "slug": "bronze",
        "name_fr": "Bronze",
        "name_en": "Bronze",
        "perks_fr": "Votre prénom à l’antenne le jour de votre anniversaire.",
        "perks_en": "Your name on air on your birthday.",
        "threshold": 50,
    },
    {
        "slug": EVENINGS_FROM,
        "name_fr": "Argent",
        "name_en": "Silver",
        "perks_fr": "Les soirées d’enregistrement en public, qui vous sont réservées.",
        "perks_en": "Evenings in the audience of a recording, kept for you.",
        "threshold": 150,
    },
    {
        "slug": "or",
        "name_fr": "Or",
        "name_en": "Gold",
        "perks_fr": "Une visite des studios par an, avec qui vous voulez.",
        "perks_en": "A visit of the studios a year, with whom you like.",
        "threshold": 300,
    },
)


def build_ladder(db: Database, *, actor: str) -> None:
    """Add every tier, before there is a fan to stand on one."""
    for tier in TIERS:
        add_tier(db, tier, actor=actor, reason="Ouverture du club")
    review_tiers(db)
