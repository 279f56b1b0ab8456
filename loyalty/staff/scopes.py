"""What an API key may do: one word for each kind of thing, to read it or to write it."""

from collections.abc import Iterable
from types import MappingProxyType

from loyalty.errors import Invalid
from loyalty.i18n import Words

SCOPES = MappingProxyType(
    {
        "activities:read": "See activities and what they earned.",
        "activities:write": "Send activities and withdraw them.",
        "fans:read": "See fans, their balances and their entries.",
        "fans:write": "Register fans and link their network accounts.",
        "animations:read": "See animations and the answers to them, never what the right answer is.",
        "animations:write": "Open animations, see their solutions, send fans' answers, decide about those in review.",
        "rules:read": "See earning rules, and try them on an activity without writing anything.",
        "rules:write": "Make and revise earning rules.",
        "rewards:read": "See the catalogue and its stock.",
        "rewards:write": "Change the catalogue and its stock.",
        "redemptions:read": "See redemptions and points set aside.",
        "redemptions:write": "Spend a fan's points on a reward, set them aside or give them to another, and cancel.",
        "vouchers:read": "See vouchers with their codes: whoever sees a code can use it.",
        "partners:read": "See partners, their places and their devices.",
        "partners:write": "Make partners and places, enrol and revoke devices.",
        "sources:read": "See the configured senders, never their secrets.",
        "sources:write": "Configure senders.",
        "deliveries:read": "See what senders delivered and what became of it.",
        "deliveries:write": "Have deliveries worked again.",
        "audit:read": "See who changed what.",
    }
)

IN_FRENCH = MappingProxyType(
    {
        "activities:read": "Voir les participations et ce qu’elles ont rapporté.",
        "activities:write": "Envoyer des participations et les retirer.",
        "fans:read": "Voir les fans, leurs soldes et leurs écritures.",
        "fans:write": "Inscrire des fans et relier leurs comptes de réseaux.",
        "animations:read": "Voir les animations et leurs réponses, jamais quelle est la bonne.",
        "animations:write": "Ouvrir des animations, voir leurs solutions, envoyer les réponses des fans, valider.",
        "rules:read": "Voir les règles, et les essayer sur une participation sans rien écrire.",
        "rules:write": "Créer et modifier les règles.",
        "rewards:read": "Voir le catalogue et son stock.",
        "rewards:write": "Modifier le catalogue et son stock.",
        "redemptions:read": "Voir les échanges et les points mis de côté.",
        "redemptions:write": "Dépenser les points d’un fan, en mettre de côté ou en donner, et annuler.",
        "vouchers:read": "Voir les bons et leurs codes : qui voit un code peut s’en servir.",
        "partners:read": "Voir les partenaires, leurs lieux et leurs appareils.",
        "partners:write": "Créer partenaires et lieux, associer et révoquer des appareils.",
        "sources:read": "Voir les expéditeurs configurés, jamais leurs secrets.",
        "sources:write": "Configurer les expéditeurs.",
        "deliveries:read": "Voir ce que les expéditeurs ont livré et ce qui en a été fait.",
        "deliveries:write": "Faire retravailler des livraisons.",
        "audit:read": "Voir qui a changé quoi.",
    }
)


def meaning(scope: str) -> Words:
    """What a scope allows, in a sentence."""
    return Words(fr=IN_FRENCH[scope], en=SCOPES[scope])


def checked(scopes: Iterable[str]) -> list[str]:
    """The scopes, each once, in the order of `SCOPES`.

    Raises:
        Invalid: one is unknown, or there is none.
    """
    wanted = set(scopes)
    unknown = sorted(wanted - SCOPES.keys())
    if unknown:
        raise Invalid({"scopes": [f"Unknown: {', '.join(unknown)}. Known: {', '.join(SCOPES)}."]})
    if not wanted:
        raise Invalid({"scopes": ["At least one is needed."]})
    return [scope for scope in SCOPES if scope in wanted]
