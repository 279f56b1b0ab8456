"""The rewards of Radio Lumière: what they are, what they cost, how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loyalty.seed.grid import ZONE, moment
from loyalty.seed.ladder import EVENINGS_FROM

COFFEE, COFFEES, BOOK, CINEMA = "cafe-croissant", "carnet-cinq-cafes", "livre-de-poche", "place-de-cinema"
DROP = "concert-prive"  # comes late, and is gone within minutes
NOT_YET = "finale-grand-ecran"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One reward.

    Attributes:
        said: as `rewards.schema.RewardSchema` reads it.
        donor: who gave or sold the units.
        unit_cost_cents: what one cost the station.
        stock: units for 2,000 fans.
        appeal: how many want it, beside the others.
    """

    said: dict[str, Any]
    donor: str
    unit_cost_cents: int
    stock: int
    appeal: float

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return str(self.said["slug"])

    @property
    def cost(self) -> int:
        """In points."""
        return int(self.said["cost_points"])

    def units(self, fans: int) -> int:
        """How many units there are for so many fans."""
        return max(1, self.stock * fans // 2_000)


def articles(*, drop_at: datetime, now: datetime) -> list[Article]:
    """The whole catalogue.

    Args:
        drop_at: when the concert is first to be had.
    """
    return [
        _article(
            COFFEE,
            ("Un café et un croissant", "A coffee and a croissant"),
            ("Au comptoir, du lundi au samedi.", "At the counter, Monday to Saturday."),
            partner="cafe-lumiere",
            cost=150,
            value=480,
            days=14,
            limit=(2, 7),
            donor="Café Lumière",
            unit_cost=190,
            stock=330,
            appeal=6,
        ),
        _article(
            BOOK,
            ("Un livre de poche au choix", "A paperback of your choice"),
            ("Dans tout le rayon poche.", "From all the paperbacks."),
            partner="librairie-des-halles",
            cost=400,
            value=890,
            days=30,
            limit=(1, 30),
            donor="Librairie des Halles",
            unit_cost=540,
            stock=140,
            appeal=2.2,
        ),
        _article(
            CINEMA,
            ("Une place de cinéma", "A cinema ticket"),
            ("Pour toutes les séances, hors avant-premières.", "For every screening but previews."),
            partner="cinema-le-phare",
            cost=500,
            value=1150,
            days=30,
            limit=(2, 30),
            donor="Cinéma Le Phare",
            unit_cost=600,
            stock=180,
            appeal=3,
        ),
        _article(
            "rencontre-autrice",
            ("Rencontre avec l’autrice du mois", "Meet the author of the month"),
            ("Vingt chaises, un micro, vos questions.", "Twenty chairs, a microphone, your questions."),
            partner="librairie-des-halles",
            cost=350,
            value=0,
            days=21,
            limit=(1, None),
            donor="Radio Lumière",
            unit_cost=0,
            stock=60,
            appeal=1.3,
        ),
        _article(
            COFFEES,
            ("Un carnet de cinq cafés", "A book of five coffees"),
            ("Cinq fois un café, un par passage.", "Five coffees, one a visit."),
            partner="cafe-lumiere",
            cost=600,
            value=1250,
            days=45,
            limit=(1, 30),
            uses=5,
            donor="Café Lumière",
            unit_cost=500,
            stock=70,
            appeal=1.2,
        ),
        _article(
            "avant-premiere",
            ("Deux places pour une avant-première", "Two tickets for a preview"),
            ("Avec l’équipe du film.", "With the people who made the film."),
            partner="cinema-le-phare",
            cost=800,
            value=2600,
            days=10,
            limit=(1, 30),
            donor="Distribution Aurore",
            unit_cost=0,
            stock=45,
            appeal=1,
        ),
        _article(
            DROP,
            ("Concert privé au Café Lumière", "Private concert at Café Lumière"),
            ("Trente personnes, deux guitares.", "Thirty people, two guitars."),
            partner="cafe-lumiere",
            cost=450,
            value=3000,
            days=20,
            limit=(1, None),
            donor="Radio Lumière",
            unit_cost=1500,
            stock=30,
            appeal=2,
            visible_from=drop_at.isoformat(),
        ),
        _article(
            NOT_YET,
            ("La finale sur grand écran, au premier rang", "The final on the big screen, in the first row"),
            ("Dix fauteuils à côté de nos commentateurs.", "Ten seats beside our commentators."),
            partner="cinema-le-phare",
            cost=1500,
            value=4000,
            days=60,
            limit=(1, None),
            donor="Cinéma Le Phare",
            unit_cost=1200,
            stock=10,
            appeal=0.3,
            redeemable_from=moment(now.astimezone(ZONE).date() + timedelta(days=10), 10 * 60).isoformat(),
        ),
        _article(
            "soiree-enregistrement",
            ("Une soirée d’enregistrement en public", "An evening in the audience of a recording"),
            ("Une table près de la scène, et l’équipe après.", "A table by the stage, and the team afterwards."),
            partner="cafe-lumiere",
            cost=300,
            value=0,
            days=30,
            limit=(1, 90),
            donor="Radio Lumière",
            unit_cost=0,
            stock=60,
            appeal=0.6,
            min_tier=EVENINGS_FROM,
        ),
    ]


def _article(
    slug: str,
    name: tuple[str, str],
    description: tuple[str, str],
    *,
    partner: str,
    cost: int,
    value: int,
    days: int,
    limit: tuple[int, int | None],
    donor: str,
    unit_cost: int,
    stock: int,
    appeal: float,
    uses: int = 1,
    **more: str,
) -> Article:
    said = {
        "slug": slug,
        "name_fr": name[0],
        "name_en": name[1],
        "description_fr": description[0],
        "description_en": description[1],
        "partner": partner,
        "cost_points": cost,
        "value_cents": value,
        "valid_days": days,
        "max_uses": uses,
        "per_fan_limit": limit[0],
        "per_fan_limit_days": limit[1],
        **more,
    }
    said = {name: value for name, value in said.items() if value is not None}
    return Article(said=said, donor=donor, unit_cost_cents=unit_cost, stock=stock, appeal=appeal)
