"""What each role may do: one word for each kind of thing, to read it or to write it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loyalty.i18n import Words

ADMINISTRATOR, MANAGER, EDITOR, SUPPORT, READER = "administrator", "manager", "editor", "support", "reader"

PERMISSIONS = frozenset(
    {
        "overview:read",
        "rules:read",
        "rules:draft",  # write a revision for another to publish
        "rules:write",
        "animations:read",
        "animations:write",  # open, close, decide about answers in review, see solutions
        "rewards:read",
        "rewards:write",
        "fans:read",
        "fans:write",  # credit, debit, merge, answer
        "vouchers:read",
        "vouchers:write",
        "partners:read",
        "partners:write",
        "deliveries:read",
        "deliveries:write",
        "imports:read",
        "imports:write",
        "approvals:read",
        "approvals:write",  # be the second person
        "accounts:read",
        "accounts:write",  # value points, close months
        "audit:read",
        "programme:read",
        "programme:write",
        "keys:read",
        "keys:write",
        "staff:read",
        "staff:write",
    }
)
_READS = frozenset(each for each in PERMISSIONS if each.endswith(":read"))
_FOR_ADMINISTRATORS = frozenset({"accounts:write", "keys:read", "keys:write", "staff:read", "staff:write"})

MAY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        ADMINISTRATOR: PERMISSIONS,
        MANAGER: PERMISSIONS - _FOR_ADMINISTRATORS,
        EDITOR: _READS - _FOR_ADMINISTRATORS | {"rules:draft"},
        SUPPORT: frozenset(
            {
                "overview:read",
                "rules:read",
                "animations:read",
                "rewards:read",
                "fans:read",
                "fans:write",
                "vouchers:read",
                "vouchers:write",
                "partners:read",
            }
        ),
        READER: _READS - _FOR_ADMINISTRATORS - {"fans:read", "vouchers:read", "deliveries:read", "audit:read"},
    }
)

NAMES: Mapping[str, Words] = MappingProxyType(
    {
        ADMINISTRATOR: Words(fr="Administrateur", en="Administrator"),
        MANAGER: Words(fr="Social media manager", en="Social media manager"),
        EDITOR: Words(fr="Rédacteur", en="Editor"),
        SUPPORT: Words(fr="Service aux auditeurs", en="Counter support"),
        READER: Words(fr="Lecture seule", en="Read-only"),
    }
)

MEANINGS: Mapping[str, Words] = MappingProxyType(
    {
        ADMINISTRATOR: Words(
            fr="Tout, y compris l’équipe et les clés d’API.", en="Everything, the team and the API keys included."
        ),
        MANAGER: Words(
            fr="Règles, animations, récompenses, fans, partenaires et réglages.",
            en="Rules, animations, rewards, fans, partners and settings.",
        ),
        EDITOR: Words(
            fr="Lit tout, et prépare des brouillons de règles que quelqu’un d’autre publie.",
            en="Reads everything, and drafts rules for somebody else to publish.",
        ),
        SUPPORT: Words(
            fr="Aide les fans : leurs points, leurs bons, leurs questions.",
            en="Helps fans: their points, their vouchers, their questions.",
        ),
        READER: Words(
            fr="Voit les règles, les récompenses et les chiffres, sans données personnelles.",
            en="Sees rules, rewards and figures, and nobody’s personal data.",
        ),
    }
)


def may(role: str, permission: str) -> bool:
    """Whether somebody of this role may do this."""
    assert permission in PERMISSIONS, f"{permission!r} is not a permission"
    return permission in MAY[role]
