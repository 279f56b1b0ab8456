"""What a rule judges: one activity, its moment in the programme's zone, and the fan's day so far, read when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.day import day_number


def _nothing_earlier(kind: str | None) -> int:
    return 0


@dataclass(slots=True, kw_only=True)
class Situation:
    """Everything a condition may look at. Not frozen, for speed: nobody changes one.

    Attributes:
        words: how many words were written, mentions, tags and links apart; None where nothing is written.
        text_digest: of what was written, to recognise copies.
        local: when it happened, on the clock of the programme's zone (daylight saving included).
        linked: whether the account belongs to a fan.
        local_day: 20261123, of `local`.
        earlier_today: how many activities of the same holder and local day came before this one; of one kind, or
            of any when asked with None. Called only by rules that ask.
    """

    network: str
    kind: str
    object: str
    campaign: str | None
    show: str | None
    quantity: int
    words: int | None
    text_digest: str | None
    happened_at: datetime
    local: datetime
    linked: bool
    earlier_today: Callable[[str | None], int] = _nothing_earlier
    local_day: int = field(init=False)

    def __post_init__(self) -> None:
        self.local_day = day_number(self.local)


def situation_of(act: Any, *, zone: ZoneInfo, earlier_today: Callable[[str | None], int]) -> Situation:
    """The situation of an act on record, whose account is linked or not as it was then.

    Args:
        act: a row with the columns of an activity.
    """
    return Situation(
        network=act.network,
        kind=act.kind,
        object=act.object,
        campaign=act.campaign,
        show=act.show,
        quantity=act.quantity,
        words=act.words,
        text_digest=act.text_digest,
        happened_at=act.happened_at,
        local=act.happened_at.astimezone(zone),
        linked=act.holder_id != act.identity_id,
        earlier_today=earlier_today,
    )
