"""What became of an activity as a whole, told from the verdicts of all rules."""

from __future__ import annotations

from collections.abc import Sequence

from loyalty.rules.evaluate import Verdict

# When nothing was awarded, the reason told first is the one that came nearest to an award: lowest number.
_NEARNESS = {
    "cap_reached_day": 0,
    "cap_reached_week": 0,
    "cap_reached_ever": 0,
    "cooling_down": 1,
    "budget_exhausted": 2,
    "too_little": 3,
    "excluded": 4,
    "not_the_best": 4,
    "ended": 6,
    "not_started": 6,
    "rule_paused": 8,
}


def outcome_of(verdicts: Sequence[Verdict]) -> tuple[str, str]:
    """What became of the activity as a whole: "awarded", "measured" or "refused", and the reason code told first."""
    if any(each.awarded for each in verdicts):
        return "awarded", "awarded"
    if any(each.reason.code == "measured" for each in verdicts):
        return "measured", "measured"
    concerned = [each for each in verdicts if not each.reason.elsewhere and each.reason.code != "nothing_to_multiply"]
    if not concerned:
        return "refused", "no_rule"
    return "refused", min(concerned, key=lambda each: _NEARNESS.get(each.reason.code, 5)).reason.code
