"""The fixed cast: Ines a fan, Marc a stranger who must see nothing, Cafe Lumiere a partner, Odile who runs it all."""

from datetime import UTC, datetime, timedelta

from loyalty.activities.fact import ActivityFact
from loyalty.db import Database
from loyalty.fans.tables import Fan
from loyalty.flows.link import register
from loyalty.flows.manage_rules import apply_rule
from loyalty.programme.expiry import Never, Policy, Rolling, document
from loyalty.programme.tables import Programme

ODILE = "cli:odile"
# A Monday morning in Paris, in winter: 08:00 there.
MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def open_station(db: Database, *, months: int | None = 24, expiry: Policy | None = None) -> None:
    """The programme, as the cast knows it."""
    station = Programme(
        id=1,
        name="Radio Lumière",
        time_zone="Europe/Paris",
        expiry=document(expiry or (Never() if months is None else Rolling(months))),
        created_at=LONG_AGO,
    )
    db.write(lambda session: session.add(station))


def ines(db: Database) -> Fan:
    """A fan with an empty wallet."""
    return register(db, reference="ines", display_name="Inès", email="ines@example.org", actor=ODILE)


def marc(db: Database) -> Fan:
    """A stranger who must see nothing of Ines."""
    return register(db, reference="marc", display_name="Marc", email="marc@example.org", actor=ODILE)


def rule(db: Database, slug: str = "chat", **body: object) -> None:
    """A rule in force since long ago: ten points a chat message, unless said otherwise."""
    whole = {
        "name": {"fr": f"Règle {slug}", "en": f"Rule {slug}"},
        "class": "redeemable",
        "when": {"all": [{"kind": {"one_of": ["live_chat"]}}]},
        "earn": {"fixed": 10},
        **body,
    }
    apply_rule(db, slug=slug, body=whole, actor=ODILE, in_force_from=LONG_AGO)


def chat(number: int = 1, *, actor: str = "tw-ines", minutes: float = 0, **facts: object) -> ActivityFact:
    """A chat message on Twitch, `minutes` after the morning began."""
    whole = {
        "network": "twitch",
        "actor": actor,
        "kind": "live_chat",
        "object": "channel:lumiere",
        "external_id": f"message-{number}",
        "happened_at": MORNING + timedelta(minutes=minutes),
        "text": "Allez les Bleus, quel match !",
        **facts,
    }
    return ActivityFact(**whole)  # type: ignore[arg-type]
