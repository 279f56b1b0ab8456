"""A phone becomes a partner's device, by a one-time code; who guesses codes is stopped."""

from loyalty.db import Writer
from loyalty.flows import limit, manage_partners
from loyalty.partners import enrolment
from loyalty.partners.enrolment import Enrolled, Invitation
from loyalty.partners.refusals import EnrolmentRefused


def look(db: Writer, *, code: str, network_address: str) -> Invitation:
    """Where a code leads to; nothing is used up, and nothing written.

    Raises:
        EnrolmentRefused: the code is unknown, used or too old.
        TooManyAttempts: too many wrong ones came from this network address.
    """
    limit.refuse_flood(db, limit.ENROLMENTS, network_address)
    return db.read(lambda session: enrolment.look(session, code))


def enrol(db: Writer, *, code: str, name: str, network_address: str) -> Enrolled:
    """Make a device of the phone that shows a code.

    Raises:
        EnrolmentRefused: the code is unknown, used or too old.
        TooManyAttempts: too many wrong ones came from this network address.
    """
    limit.refuse_flood(db, limit.ENROLMENTS, network_address)
    try:
        return manage_partners.enrol(db, code=code, name=name)
    except EnrolmentRefused:
        limit.count_failure(db, limit.ENROLMENTS, network_address)
        raise
