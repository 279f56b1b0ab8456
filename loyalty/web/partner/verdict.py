"""What the person at the counter is told of a code: hand out, handed out, or why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.errors import Refused
from loyalty.partners.devices import DeviceInHand
from loyalty.vouchers import counter
from loyalty.vouchers.reading import Reading
from loyalty.vouchers.verdict import Verdict
from loyalty.web.language import spoken
from loyalty.web.partner.blueprint import page
from loyalty.web.services import current_services


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One full-screen answer.

    Attributes:
        state: "ready" to be handed out, "handed" out, or "refused".
        reward: what to hand out; None unless this partner may know.
        condition, initial: see `counter.Handover`.
        used_at, used_where, used_by: where it was used before, if that is why not.
        text, nonce: what confirms it, and what makes a second try the same one.
    """

    state: str
    sentence: str
    reason: str
    reward: str | None = None
    condition: str = ""
    initial: str = ""
    use: int | None = None
    most_uses: int | None = None
    used_at: datetime | None = None
    used_where: str = ""
    used_by: str = ""
    scan_id: int | None = None
    text: str = ""
    nonce: str = ""


def shown(verdict: Verdict, read: Reading, *, good: str) -> Shown:
    """A verdict as the counter sees it.

    Args:
        good: the state of one that is good: "ready" before it is used, "handed" after.
    """
    language = spoken()
    if verdict.reward is None:
        return Shown(state="refused", reason=verdict.reason, sentence=verdict.words[language])
    told = Shown(
        state=good if verdict.ok else "refused",
        reason=verdict.reason,
        sentence=verdict.words[language],
        reward=verdict.reward["name_fr"] if language == "fr" else verdict.reward["name_en"],
        scan_id=verdict.scan_id,
    )
    first = verdict.first_use
    if first is not None:
        at = datetime.fromisoformat(first["at"])
        return replace(told, used_at=at, used_where=first["place"], used_by=first["device"])
    if not verdict.ok:
        return told
    told = replace(told, use=verdict.uses, most_uses=verdict.max_uses)
    found = _handover(read) if good == "ready" else None
    return told if found is None else replace(told, condition=found.condition[language], initial=found.initial)


def stopped(refused: Refused) -> Shown:
    """A refusal that is no verdict on a code."""
    return Shown(state="refused", reason=refused.code, sentence=refused.say(spoken()))


def screen(answer: Shown, *, device: DeviceInHand | None = None) -> str:
    """The page of one answer; the scanner takes the answer out of it."""
    return page("partner/verdict.html", device=device, answer=answer)


def _handover(read: Reading) -> counter.Handover | None:
    token_id = read.token_id
    if token_id is None:
        return None
    return current_services().db.read(lambda session: counter.handover(session, token_id))
