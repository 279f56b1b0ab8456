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


class ExpiryBeingApplied(Conflict):
    """Another policy of expiry is being applied."""

    code = "expiry_being_applied"
    words = Words(
        fr="Une autre règle d’expiration est en cours d’application aux points existants : attendez qu’elle ait fini.",
        en="Another expiry rule is being applied to existing points: please wait until it is through.",
    )


class ExpiryAskedFor(Conflict):
    """A change of expiry waits for a second person."""

    code = "expiry_asked_for"
    words = Words(
        fr="Un changement d’expiration attend déjà l’accord de quelqu’un d’autre.",
        en="A change of expiry waits for somebody else’s approval already.",
    )
