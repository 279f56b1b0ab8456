"""Who is old enough: fifteen, the age from which one consents alone in France (law of 6 January 1978, article 45)."""

from datetime import datetime

from loyalty.errors import Refused
from loyalty.i18n import Words

OLD_ENOUGH = 15


class TooYoung(Refused):
    """Not fifteen yet."""

    code = "too_young"
    words = Words(
        fr="Il faut avoir {years:n} ans pour s’inscrire. À bientôt !",
        en="You need to be {years:n} to join. See you soon!",
    )


def latest_birth_year(now: datetime) -> int:
    """The last year of birth with which somebody can be old enough."""
    return now.year - OLD_ENOUGH


def refuse_too_young(birth_year: int, *, now: datetime) -> None:
    """Let pass who can be old enough; whoever turns fifteen this year says so themselves. The year is not kept.

    Raises:
        TooYoung
    """
    if birth_year > latest_birth_year(now):
        raise TooYoung(years=OLD_ENOUGH)
