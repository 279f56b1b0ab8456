"""The answer to a scan, as it is kept and said again."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TypedDict

from loyalty.rewards.tables import Reward
from loyalty.vouchers.reasons import ANNULLED, OK, REASONS, UNDONE, VALID, VALID_ONCE_MORE
from loyalty.vouchers.tables import Voucher


class RewardShown(TypedDict):
    """What is to be handed out."""

    slug: str
    name_fr: str
    name_en: str


class FirstUse(TypedDict):
    """When and where a voucher was first used; `at` is in the programme's zone."""

    at: str
    place: str
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the partner's device is told. Everything is plain JSON, instants are in the programme's zone.

    Attributes:
        reason: "ok", or one of `reasons.REASONS`.
        words: the sentence for people, by language.
        reward: what to hand out; None unless the asker may know.
        uses: of the voucher, this one included.
        first_use: when and where, if it was used already.
        scan_id: under which it is kept; None for an inspection.
        annulled_at: when this use was given back, if it was since.
    """

    reason: str
    words: dict[str, str]
    reward: RewardShown | None = None
    uses: int | None = None
    max_uses: int | None = None
    not_after: str | None = None
    first_use: FirstUse | None = None
    scan_id: int | None = None
    annulled_at: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the goods may be handed out."""
        return self.reason == OK and self.annulled_at is None

    def as_json(self) -> str:
        """The text that is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def annulled(self, at: datetime) -> "Verdict":
        """The same answer, of a use that was given back since."""
        return replace(self, reason=ANNULLED, words=UNDONE.both({}), annulled_at=at.isoformat())


def from_json(text: str) -> Verdict:
    """The verdict that was kept."""
    return Verdict(**json.loads(text))


def tell_nothing(reason: str) -> Verdict:
    """A verdict for somebody who may not know of the voucher, or of no voucher at all."""
    return Verdict(reason=reason, words=REASONS[reason].both({}))


def tell(
    reason: str,
    *,
    voucher: Voucher,
    reward: Reward,
    uses: int,
    not_before: datetime,
    not_after: datetime,
    first_use: FirstUse | None = None,
) -> Verdict:
    """A verdict for the partner who hands the reward out.

    Args:
        uses: of the voucher, this one included.
        not_before, not_after: in the programme's zone.
    """
    holes = {
        "reward_fr": reward.name_fr,
        "reward_en": reward.name_en,
        "uses": uses,
        "max_uses": voucher.max_uses,
        "not_before": not_before,
        "not_after": not_after,
        **{f"used_{name}": value for name, value in (first_use or {}).items()},
    }
    valid = VALID if voucher.max_uses == 1 else VALID_ONCE_MORE
    words = valid if reason == OK else REASONS[reason]
    return Verdict(
        reason=reason,
        words=words.both(holes),
        reward=RewardShown(slug=reward.slug, name_fr=reward.name_fr, name_en=reward.name_en),
        uses=uses,
        max_uses=voucher.max_uses,
        not_after=not_after.isoformat(),
        first_use=first_use,
    )
