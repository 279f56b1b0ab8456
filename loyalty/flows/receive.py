"""A network sends something: it is verified, kept once, and acknowledged; only then is it worked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from loyalty import registry
from loyalty.connector import Answer, Connector, Message
from loyalty.db import Writer
from loyalty.errors import NotFound, Refused
from loyalty.i18n import Words
from loyalty.intake.keep import keep
from loyalty.intake.seal import SealBroken, Sealer
from loyalty.intake.sources import find_source, id_of, wake_source
from loyalty.intake.tables import Source


class NoSecret(Refused):
    """Nothing can be verified, so nothing is believed; the sender may try again."""

    code = "no_secret"
    status = 503
    retry_after_seconds = 300
    words = Words(fr="Aucun secret n’est configuré pour cette source.", en="This source has no secret configured.")


class SourceStopped(Refused):
    """The station no longer wants anything from this source."""

    code = "source_stopped"
    status = 410
    words = Words(fr="Cette source est arrêtée.", en="This source is stopped.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the network is answered; the delivery that was kept, None for a challenge."""

    answer: Answer
    delivery_id: int | None = None
    is_new: bool = False


def receive(db: Writer, sealer: Sealer, connector_name: str, source_slug: str, message: Message) -> Receipt:
    """Take in one message. The same message again is kept no second time and answered alike.

    Raises:
        NotFound: there is no such source, or the request is neither a message nor a challenge.
        SourceStopped, NoSecret: nothing is accepted.
        BadSignature: nothing was written.
        Unreadable: a challenge its documentation does not tell of.
        Busy: nothing was kept, the network has to send it again.
    """
    connector: Connector | None = registry.plugins("loyalty.connectors").get(connector_name)
    if connector is None:
        raise NotFound(what=f"{connector_name}/{source_slug}")
    source = db.read(lambda session: find_source(session, connector_name, source_slug))
    secrets = _secrets(sealer, source)
    answer = connector.challenge(message, secrets)
    if answer is not None:
        if source.stopped_at is not None:
            db.write(lambda session: wake_source(session, id_of(source)))
        return Receipt(answer)
    if message.method != "POST":
        raise NotFound(what="challenge")
    connector.verify(message, secrets)

    def steps(session: Session) -> Receipt:
        return Receipt(connector.accepted, *keep(session, source, connector, message))

    return db.write(steps)


def _secrets(sealer: Sealer, source: Source) -> Sequence[str]:
    try:
        secrets = sealer.open(source.sealed_secrets)
    except SealBroken:
        raise NoSecret from None
    if not secrets:
        raise NoSecret if source.stopped_at is None else SourceStopped
    return secrets
