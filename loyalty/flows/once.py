"""The same request twice has one effect and one answer: the contract of the Idempotency-Key header.

After draft-ietf-httpapi-idempotency-key-header-07 and Stripe's: the answer is kept in the transaction of its
effect, so nothing is stuck after a crash; a refusal or a failure keeps nothing, so trying again is safe. A twin
that arrives while the first still runs waits for it on the row's own lock.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, select

from loyalty import clock
from loyalty.db import Database, Joined, TryAgain, UTCDateTime
from loyalty.errors import Refused
from loyalty.flows.piecemeal import in_pieces
from loyalty.i18n import Words
from loyalty.intake.tables import KeptAnswer

T = TypeVar("T")

_kept_answer = KeptAnswer.__table__  # type: ignore[attr-defined]

KEPT = timedelta(days=30)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class KeyMissing(Refused):
    """This write needs a key, and none was sent."""

    code = "idempotency_key_missing"
    status = 400
    words = Words(
        fr="Il faut un en-tête Idempotency-Key : 1 à 255 caractères ASCII visibles, nouveaux à chaque demande.",
        en="A header Idempotency-Key is needed: 1 to 255 visible ASCII characters, new for each request.",
    )


class KeyReused(Refused):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    words = Words(
        fr="Cette Idempotency-Key a déjà servi pour une autre demande.",
        en="This Idempotency-Key was used for another request before.",
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: the status, the JSON text, and whether an earlier request already got it."""

    status: int
    body: str
    replayed: bool = False


def fingerprint(method: str, path: str, body: Any) -> str:
    """A digest of what is asked: two requests that differ in it are not the same request."""
    canonical = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def once(
    db: Database,
    *,
    credential: str,
    key: str | None,
    fingerprint: str,
    run: Callable[[Joined], T],
    render: Callable[[T], tuple[int, str]],
) -> Answer:
    """Run a flow, unless the same was asked before: then answer what was answered then.

    Args:
        credential: who asks; keys of different credentials have nothing to do with each other.
        key: as the client made it.
        run: the flow, to be given the open transaction.
        render: status and JSON text of the flow's result.

    Raises:
        KeyMissing: `key` is None or malformed.
        KeyReused: it came with another fingerprint.
        Refused: by the flow; then nothing is kept.
    """
    if key is None or not _KEY.fullmatch(key):
        raise KeyMissing

    def steps(session: Session) -> Answer:
        if not _begin(session, credential, key, fingerprint):
            return _kept(session, credential, key, fingerprint)
        status, body = render(run(Joined(session)))
        assert status < 400, "a refusal is raised, not rendered"
        session.execute(
            sa.update(_kept_answer)
            .where(_kept_answer.c.credential == credential, _kept_answer.c.key == key)
            .values(status=status, body=body)
        )
        return Answer(status, body)

    return db.write(steps)


def forget_answers(db: Database, *, older_than: timedelta = KEPT, at_once: int = 5000) -> int:
    """Delete answers kept longer than promised, in small transactions. Returns how many."""

    def steps(session: Session) -> int:
        old = (
            sa.select(_kept_answer.c.credential, _kept_answer.c.key)
            .where(_kept_answer.c.created_at < clock.now() - older_than)
            .limit(at_once)
        )
        keys = sa.tuple_(_kept_answer.c.credential, _kept_answer.c.key)
        gone: Any = session.execute(sa.delete(_kept_answer).where(keys.in_(old)))
        return int(gone.rowcount)

    return in_pieces(db, steps, at_once=at_once)


# On PostgreSQL this waits for a twin's transaction to end; on SQLite there is only one writer.
_BEGIN = sa.text(
    "INSERT INTO kept_answer (credential, key, fingerprint, status, body, created_at)"
    " VALUES (:credential, :key, :fingerprint, 0, '', :now) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("now", type_=UTCDateTime))


def _begin(session: Session, credential: str, key: str, fingerprint: str) -> bool:
    row = {"credential": credential, "key": key, "fingerprint": fingerprint, "now": clock.now()}
    inserted: Any = session.execute(_BEGIN, row)
    return bool(inserted.rowcount)


def _kept(session: Session, credential: str, key: str, fingerprint: str) -> Answer:
    kept = session.exec(select(KeptAnswer).where(KeptAnswer.credential == credential, KeptAnswer.key == key)).first()
    if kept is None:
        raise TryAgain  # purged between the two statements
    if kept.fingerprint != fingerprint:
        raise KeyReused
    assert kept.status, "an answer is committed together with its status"
    return Answer(kept.status, kept.body, replayed=True)
