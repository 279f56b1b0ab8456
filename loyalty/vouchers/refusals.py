"""What may be refused about vouchers and scans, beyond the verdict of a scan itself."""

from loyalty.errors import Conflict, NotFound, Refused
from loyalty.i18n import Words


class VoucherNotFound(NotFound):
    """There is no such voucher, or it is not yours to see."""

    code = "voucher_not_found"
    words = Words(fr="Bon introuvable.", en="No such voucher.")


class VoucherAlreadyUsed(Refused):
    """A voucher that was used is not cancelled; it says where and when."""

    code = "voucher_already_used"
    status = 409
    words = Words(
        fr="Ce bon a déjà été utilisé le {at:moment} : {place}, {device}. Il ne peut plus être annulé.",
        en="This voucher was used on {at:moment}: {place}, {device}. It cannot be cancelled any more.",
    )


class VoucherEnded(Conflict):
    """The voucher is in a state that this cannot be done in."""

    code = "voucher_ended"
    words = Words(
        fr="Impossible pour un bon dans cet état : {state}.",
        en="Not possible for a voucher in this state: {state}.",
    )


class NonceReused(Refused):
    """The device sent this nonce before, with another code."""

    code = "nonce_reused"
    words = Words(fr="Ce nonce a déjà servi pour un autre code.", en="This nonce was used for another code before.")


class ScanNotFound(NotFound):
    """This device made no scan under this nonce."""

    code = "scan_not_found"
    words = Words(fr="Lecture introuvable.", en="No such scan.")


class ScanNotAUse(Refused):
    """The scan was refused, so there is no use to give back."""

    code = "scan_not_a_use"
    status = 409
    words = Words(
        fr="Cette lecture a été refusée : il n’y a rien à annuler.",
        en="This scan was refused: there is nothing to annul.",
    )


class TooLateToAnnul(Refused):
    """The device could take its scan back until `until_at`."""

    code = "too_late_to_annul"
    status = 409
    words = Words(
        fr="Cette lecture pouvait être annulée jusqu’au {until_at:moment}.",
        en="This scan could be annulled until {until_at:moment}.",
    )
