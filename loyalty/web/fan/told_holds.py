"""Points set aside as a fan reads them: what for, until when, and what became of them."""

from __future__ import annotations

from loyalty.i18n import Words
from loyalty.ledger import holds
from loyalty.ledger.tables import Hold
from loyalty.web.fan import wording
from loyalty.web.language import spoken
from loyalty.web.looks import day

CAUSES = ("hold", "hold_release", "hold_move")
_RELEASE = "hold_release"

_OPEN = Words(
    fr="Mis de côté jusqu’au {until} : ce qui ne sert pas vous revient.",
    en="Set aside until {until}: what is not used comes back to you.",
)
_OPEN_PARTLY = Words(
    fr="Mis de côté jusqu’au {until} : {captured:n} {captured:a|ont} déjà servi, ce qui ne sert pas vous revient.",
    en="Set aside until {until}: {captured:n} {captured:was|were} used already, the rest comes back to you.",
)
_USED = Words(fr="Ils étaient mis de côté, et ont tous servi.", en="They were set aside, and all of them were used.")
_USED_PARTLY = Words(
    fr="Ils étaient mis de côté : {captured:n} {captured:a|ont} servi, {released:n} {released:est|sont} de retour.",
    en="They were set aside: {captured:n} {captured:was|were} used, {released:n} came back.",
)
_BACK = Words(
    fr="Ils étaient mis de côté, et sont tous de retour depuis le {closed}.",
    en="They were set aside, and all came back on {closed}.",
)
_RETURNED = Words(
    fr="Ils n’ont pas servi : ils vous reviennent, avec leur date d’expiration.",
    en="They were not used: they are yours again, with the expiry they had.",
)


def title(hold: Hold, cause: str) -> str:
    """What it is for; once that is forgotten, what it is."""
    return hold.purpose or wording.cause(cause, spoken())


def why(hold: Hold, cause: str) -> str:
    """What became of the points, and when they come back if they are not used."""
    if cause == _RELEASE:
        return _RETURNED.say(spoken())
    words = {
        (holds.OPEN, False): _OPEN,
        (holds.OPEN, True): _OPEN_PARTLY,
        (holds.CAPTURED, False): _USED,
        (holds.CAPTURED, True): _USED_PARTLY,
    }
    part = hold.captured if hold.closed_at is None else hold.released
    return words.get((holds.state(hold), part > 0), _BACK).say(
        spoken(),
        until=day(hold.expires_at),
        closed=hold.closed_at and day(hold.closed_at),
        captured=hold.captured,
        released=hold.released,
    )
