"""When a code has leaked: it is typed before it was said, or goes on being typed when nobody says it any more.

A code heard on air is typed in a burst that falls: most within the first minutes, fewer each minute after. Two things
cannot come from the air, and each is an alarm of its own:

- **before air**: more than `early_most` right answers before the start. A few may be a clock that is off, or the host
  saying it a moment early.
- **a tail that does not fall**: after the first minutes (the head), one minute brings more than `tail_percent` of what
  the median minute of the head brought, and at least `tail_least`. The median, not the mean: the first minute
  alone may be most of the crowd, and would hide everything after it.
"""

from statistics import median

from loyalty.animation import Curve, Sentence
from loyalty.i18n import Words

EARLY = Words(
    fr="{count:n} {count:bonne réponse est arrivée|bonnes réponses sont arrivées} avant l’antenne : "
    "le code a sans doute fuité.",
    en="{count:n} right {count:answer|answers} came before air: the code has probably leaked.",
)
TAIL = Words(
    fr="{count:n} bonnes réponses à la {minute:n}e minute, quand la moitié des premières minutes en avaient moins de "
    "{usual:n} : le code circule sans doute ailleurs.",
    en="{count:n} right answers in minute {minute:n}, when half of the first minutes had fewer than {usual:n}: "
    "the code is probably going round elsewhere.",
)


def leak(curve: Curve, *, early_most: int, head_minutes: int, tail_percent: int, tail_least: int) -> Sentence | None:
    """The alarm these answers raise, if any.

    Args:
        early_most: as many right answers before air are still believed.
        head_minutes: how many whole minutes after air make the head.
        tail_percent: of the head's median minute, what a later minute may bring.
        tail_least: below so many answers in a minute there is no alarm, however quiet the head was.
    """
    if curve.early > early_most:
        return EARLY, {"count": curve.early}
    usual = median(curve.minutes.get(minute, 0) for minute in range(head_minutes))
    for minute, count in sorted(curve.minutes.items()):
        if minute >= head_minutes and count >= tail_least and count * 100 > usual * tail_percent:
            return TAIL, {"count": count, "minute": minute + 1, "usual": int(usual) + 1}
    return None
