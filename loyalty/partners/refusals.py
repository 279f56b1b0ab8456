"""What may be refused about partners, their places and their devices."""

from loyalty.errors import Conflict, NotFound, Refused
from loyalty.i18n import Words


class PartnerNotFound(NotFound):
    """No partner has this slug."""

    code = "partner_not_found"
    words = Words(fr="Partenaire introuvable : {slug}.", en="No such partner: {slug}.")


class PartnerExists(Conflict):
    """Another partner has this slug."""

    code = "partner_exists"
    words = Words(fr="Un partenaire s’appelle déjà « {slug} ».", en="There is already a partner “{slug}”.")


class PlaceNotFound(NotFound):
    """The partner has no such place."""

    code = "place_not_found"
    words = Words(fr="Lieu introuvable.", en="No such place.")


class DeviceNotFound(NotFound):
    """No such device, or it was revoked."""

    code = "device_not_found"
    words = Words(fr="Appareil introuvable ou révoqué.", en="No such device, or it was revoked.")


class EnrolmentRefused(Refused):
    """The code is unknown, already used or too old: which of them is not told."""

    code = "enrolment_refused"
    words = Words(
        fr="Ce code d’association n’est pas ou plus valable. Demandez-en un nouveau.",
        en="This enrolment code is not valid, or not any more. Ask for a new one.",
    )
