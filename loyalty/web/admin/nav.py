"""The way around the admin: each page under its group, for those whose role may see it, with its two keys."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request, url_for
from flask_babel import gettext

from loyalty.staff.roles import NAMES, may
from loyalty.web.language import spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One page of the way around.

    Attributes:
        endpoint: of its first page; its other pages begin with `section`.
        key: pressed after "g", goes there.
    """

    endpoint: str
    label: str
    icon: str
    permission: str
    key: str
    address: str = ""
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together."""

    label: str
    entries: tuple[Entry, ...]


def groups() -> list[Group]:
    """What the signed-in member of staff may see."""
    found = [Group(label, tuple(_seen(entries))) for label, entries in _everything()]
    return [group for group in found if group.entries]


def _everything() -> list[tuple[str, list[Entry]]]:
    def entry(endpoint: str, label: str, icon: str, permission: str, key: str) -> Entry:
        return Entry(endpoint=endpoint, label=label, icon=icon, permission=permission, key=key)

    return [
        (
            "",
            [
                entry("admin.overview", gettext("Overview"), "home", "overview:read", "o"),
                entry("admin.figures", gettext("Figures"), "chart", "overview:read", "c"),
            ],
        ),
        (
            gettext("Animate"),
            [
                entry("admin.animations", gettext("Animations"), "mic", "animations:read", "n"),
                entry("admin.rules", gettext("Rules"), "spark", "rules:read", "r"),
                entry("admin.activities", gettext("Activities"), "list", "fans:read", "a"),
            ],
        ),
        (
            gettext("Reward"),
            [
                entry("admin.rewards", gettext("Rewards"), "gift", "rewards:read", "d"),
                entry("admin.vouchers", gettext("Vouchers"), "ticket", "vouchers:read", "v"),
                entry("admin.tiers", gettext("Tiers"), "up", "programme:read", "u"),
                entry("admin.partners", gettext("Partners"), "place", "partners:read", "p"),
            ],
        ),
        (
            gettext("Fans"),
            [
                entry("admin.fans", gettext("Fans"), "person", "fans:read", "f"),
                entry("admin.questions", gettext("Questions"), "mail", "fans:read", "q"),
                entry("admin.approvals", gettext("Approvals"), "check", "approvals:read", "b"),
            ],
        ),
        (
            gettext("Data"),
            [
                entry("admin.deliveries", gettext("Deliveries"), "inbox", "deliveries:read", "l"),
                entry("admin.imports", gettext("Imports"), "upload", "imports:read", "i"),
                entry("admin.accounts", gettext("Accounts"), "book", "accounts:read", "m"),
                entry("admin.audit", gettext("Audit trail"), "clock", "audit:read", "j"),
                entry("admin.trust", gettext("Proofs"), "lock", "overview:read", "e"),
            ],
        ),
        (
            gettext("Settings"),
            [
                entry("admin.programme", gettext("Programme"), "gear", "programme:read", "s"),
                entry("admin.expiry", gettext("Expiry"), "clock", "programme:read", "x"),
                entry("admin.team", gettext("Team"), "people", "staff:read", "t"),
                entry("admin.keys", gettext("API keys"), "key", "keys:read", "k"),
            ],
        ),
    ]


def _seen(entries: list[Entry]) -> list[Entry]:
    here = (request.endpoint or "").partition(".")[2]
    seen = []
    for each in entries:
        if may(g.staff.role, each.permission):
            section = each.endpoint.partition(".")[2]
            is_here = here == section or here.startswith(f"{section}_")
            seen.append(
                Entry(
                    endpoint=each.endpoint,
                    label=each.label,
                    icon=each.icon,
                    permission=each.permission,
                    key=each.key,
                    address=url_for(each.endpoint),
                    is_here=is_here,
                )
            )
    return seen


def register(app: Flask) -> None:
    """Let the admin's templates know who is signed in, what they may do and where they can go."""

    def known() -> dict[str, object]:
        member = g.get("staff")
        return {
            "staff": member,
            "may": lambda permission: member is not None and may(member.role, permission),
            "nav_groups": groups,
            "role_name": lambda role: NAMES[role].say(spoken()),
        }

    app.context_processor(known)
