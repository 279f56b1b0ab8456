"""What may be refused about the books."""

from loyalty.errors import Conflict, NotFound, Refused
from loyalty.i18n import Words


class MonthNotOver(Refused):
    """A month is closed once it is over."""

    code = "month_not_over"
    status = 409
    words = Words(
        fr="Le mois {month} n’est pas terminé : il peut être clôturé à partir de cinq minutes après sa fin.",
        en="{month} is not over: it can be closed from five minutes after its end.",
    )


class MonthOutOfOrder(Refused):
    """Months are closed one after the other."""

    code = "month_out_of_order"
    status = 409
    words = Words(
        fr="Les mois se clôturent dans l’ordre : c’est {expected} qui vient.",
        en="Months are closed in their order: {expected} comes next.",
    )


class MonthAlreadyClosed(Conflict):
    """A closed month is closed for good."""

    code = "month_already_closed"
    words = Words(fr="Le mois {month} est déjà clôturé.", en="{month} is closed already.")


class MonthNotFound(NotFound):
    """The books have no such month."""

    code = "month_not_found"
    words = Words(fr="Ce mois n’est pas dans les comptes.", en="This month is not in the books.")


class NothingToClose(NotFound):
    """There is no entry yet."""

    code = "nothing_to_close"
    words = Words(fr="Aucune écriture : il n’y a rien à clôturer.", en="There is no entry yet: nothing to close.")
