"""Radio Lumière before its first fan: programme, shows, partners with their devices, senders, rules, rewards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loyalty import ids
from loyalty.activities.fact import OWN_NETWORK
from loyalty.db import Database
from loyalty.flows.change_programme import change_programme
from loyalty.flows.manage_keys import make_key
from loyalty.flows.manage_partners import add_place, create_partner, enrol, open_enrolment
from loyalty.flows.manage_programme import add_show, set_up
from loyalty.flows.manage_rewards import create_reward
from loyalty.flows.manage_rules import apply_rule
from loyalty.flows.manage_sources import add_source
from loyalty.flows.move_stock import receive
from loyalty.intake.seal import Sealer
from loyalty.partners.devices import DeviceInHand
from loyalty.partners.tables import Device
from loyalty.programme.expiry import Rolling
from loyalty.rewards.schema import RewardSchema
from loyalty.seed.catalogue import Article
from loyalty.seed.grid import SHOWS, ZONE
from loyalty.seed.ladder import build_ladder
from loyalty.seed.rulebook import Body

ODILE = "cli:odile"
NAME = "Radio Lumière"
BRAND_COLOUR = "#c2410c"
EXPIRY = Rolling(2)
POINT_VALUE = 10_000  # a cent, in millionths of a euro
EXPECTED_BREAKAGE = 2_000  # a fifth, until three months of points have expired

CAFE, BOOKSHOP, CINEMA = "cafe-lumiere", "librairie-des-halles", "cinema-le-phare"
# Each partner with its places, and their devices.
_PARTNERS: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    CAFE: (
        "Café Lumière",
        {"Café Lumière, place de la Gare": ("Comptoir", "Terrasse"), "Café Lumière, Les Halles": ("Caisse",)},
    ),
    BOOKSHOP: ("Librairie des Halles", {"Librairie des Halles": ("Téléphone de Samir",)}),
    CINEMA: ("Cinéma Le Phare", {"Cinéma Le Phare": ("Guichet 1", "Guichet 2")}),
}
HOOKS = {"twitch": "lumiere", "stripe": "boutique", "webhook": "mastodon"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What the rest of the story needs to know of the station.

    Attributes:
        devices: of each partner, by its number.
        sources: who tells us of each network, as activities name it.
    """

    devices: dict[int, list[DeviceInHand]]
    sources: dict[str, str]


def open_station(
    db: Database, sealer: Sealer, rules: Mapping[str, Body], articles: Iterable[Article], fans: int
) -> Station:
    """Set everything up, at the time the clock shows.

    Args:
        fans: how many there will be; stock is bought for them.
    """
    set_up(
        db,
        name=NAME,
        time_zone=ZONE.key,
        language="fr",
        expiry=EXPIRY,
        brand_colour=BRAND_COLOUR,
        actor=ODILE,
    )
    opening = {"point_value": POINT_VALUE, "expected_breakage": EXPECTED_BREAKAGE, "transfers_allowed": True}
    change_programme(db, opening, actor=ODILE, reason="Ouverture du club")
    for show in SHOWS:
        add_show(db, slug=show.slug, name=show.name, actor=ODILE)
    station = Station(devices=_open_partners(db), sources=_connect(db, sealer))
    for slug, body in rules.items():
        apply_rule(db, slug=slug, body=body, actor=ODILE, reason="Ouverture du club")
    build_ladder(db, actor=ODILE)
    for article in articles:
        create_reward(db, RewardSchema().load(article.said), actor=ODILE)
        stock_up(db, article, article.units(fans), reason="Première livraison")
    return station


def stock_up(db: Database, article: Article, quantity: int, *, reason: str) -> None:
    """Receive units of a reward from whoever gives or sells them."""
    receive(
        db,
        reward_slug=article.slug,
        quantity=quantity,
        donor=article.donor,
        unit_cost_cents=article.unit_cost_cents,
        actor=ODILE,
        reason=reason,
    )


def in_hand(device: Device) -> DeviceInHand:
    """A device that has just shown its credential."""
    return DeviceInHand(
        id=device.id,
        name=device.name,
        partner_id=device.partner_id,
        place_id=device.place_id,
        last_seen_at=device.last_seen_at,
    )


def _open_partners(db: Database) -> dict[int, list[DeviceInHand]]:
    devices: dict[int, list[DeviceInHand]] = {}
    for slug, (name, places) in _PARTNERS.items():
        create_partner(db, slug=slug, name=name, actor=ODILE)
        for place_name, device_names in places.items():
            place = add_place(db, partner_slug=slug, name=place_name, actor=ODILE)
            assert place.id is not None
            for device_name in device_names:
                opened = open_enrolment(db, partner_slug=slug, place_id=place.id, actor=ODILE)
                device = enrol(db, code=opened.code, name=device_name).device
                devices.setdefault(device.partner_id, []).append(in_hand(device))
    return devices


def _connect(db: Database, sealer: Sealer) -> dict[str, str]:
    """The senders of each network, and the key of the station's own site; their secrets are shown to nobody."""
    for connector, slug in HOOKS.items():
        secret = f"whsec_{ids.secret()}" if connector == "stripe" else None
        add_source(db, sealer, connector=connector, slug=slug, secret=secret, actor=ODILE, reason="Ouverture du club")
    site = make_key(db, name="Site radio-lumiere.example", scopes_wanted=["activities:write"], actor=ODILE)
    return {
        OWN_NETWORK: f"key:{site.prefix}",
        "twitch": "hook:twitch/lumiere",
        "stripe": "hook:stripe/boutique",
        "mastodon": "hook:webhook/mastodon",
        "instagram": "import:instagram.csv",
    }
