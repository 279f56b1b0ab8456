"""What may be refused about the programme and its shows."""

from loyalty.errors import Conflict, NotFound
from loyalty.i18n import Words


class ShowExists(Conflict):
    """Another show has this slug."""

    code = "show_exists"
    words = Words(fr="Une émission s’appelle déjà « {slug} ».", en="There is already a show “{slug}”.")


class ShowNotFound(NotFound):
    """No show has this slug."""

    code = "show_not_found"
    words = Words(fr="Émission introuvable : {slug}.", en="No such show: {slug}.")
