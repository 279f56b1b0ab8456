"""Add, list, rotate and stop the sources that networks send to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from sqlmodel import Session

from loyalty import clock, registry
from loyalty.connector import Connector
from loyalty.db import TryAgain, Writer
from loyalty.errors import Invalid, NotFound, Refused
from loyalty.i18n import Words
from loyalty.intake import sources
from loyalty.intake.seal import Sealer
from loyalty.intake.tables import Source
from loyalty.staff import audit

_SECRETS_KEPT = 2  # the newest, and the one before while the network still signs with it


class BadSecret(Refused):
    """The secret has not the form this network uses: it would never verify anything."""

    code = "bad_secret"
    words = Words(
        fr="Ce secret n’a pas la forme attendue : {form_fr}.",
        en="This secret has not the form expected: {form_en}.",
    )


class BadSlug(Refused):
    """The slug does not fit into an address."""

    code = "bad_slug"
    words = Words(
        fr="« {slug} » n’est pas un nom court : lettres minuscules sans accent, chiffres et tirets.",
        en="“{slug}” is not a slug: lower-case letters without accents, digits and hyphens.",
    )


@dataclass(frozen=True, slots=True)
class NewSecret:
    """Where the network must send to, and the secret it must sign with: seen this once."""

    path: str
    secret: str


def connectors() -> Mapping[str, Connector]:
    """Every connector there is, by name."""
    return registry.plugins("loyalty.connectors")


def add_source(
    db: Writer,
    sealer: Sealer,
    *,
    connector: str,
    slug: str,
    actor: str,
    secret: str | None = None,
    options: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> NewSecret:
    """Set up a sender.

    Args:
        connector: its plug-in's name.
        slug: ours for this sender; the end of its address.
        secret: as the network gave it; None makes one, where it is ours to make.
        options: see the connector's schema.

    Raises:
        NotFound: no such connector.
        BadSlug, BadSecret, Invalid: what is given does not fit.
        Conflict: the connector has a source of that slug.
    """
    plugin = _plugin(connector)
    if not sources.is_slug(slug):
        raise BadSlug(slug=slug)
    chosen = dict(options or {})
    try:
        plugin.options().load(chosen)
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    given = _secret(plugin, secret)

    def steps(session: Session) -> NewSecret:
        sources.add_source(
            session,
            connector=connector,
            slug=slug,
            sealed_secrets=sealer.seal([given]),
            options=chosen,
            now=clock.now(),
        )
        audit.record(
            session,
            actor=actor,
            action="source.added",
            subject=f"source:{connector}/{slug}",
            after={"options": chosen},
            reason=reason,
        )
        return NewSecret(f"/hooks/{connector}/{slug}", given)

    return db.write(steps)


def rotate_secret(
    db: Writer,
    sealer: Sealer,
    *,
    connector: str,
    slug: str,
    actor: str,
    secret: str | None = None,
    keep_former: bool = True,
    reason: str | None = None,
) -> NewSecret:
    """Give a source a new secret; a source that was stopped starts again.

    Args:
        secret: see `add_source`.
        keep_former: whether the former secret still verifies, until the next rotation; False when it leaked.

    Raises:
        NotFound, BadSecret
        SealBroken: the former secrets cannot be opened and are to be kept.
    """
    given = _secret(_plugin(connector), secret)

    def steps(session: Session) -> NewSecret:
        source = sources.find_source(session, connector, slug)
        former = sealer.open(source.sealed_secrets) if keep_former else ()
        kept = [given, *(each for each in former if each != given)][:_SECRETS_KEPT]
        if not sources.replace_secrets(session, source, sealer.seal(kept)):
            raise TryAgain
        sources.wake_source(session, sources.id_of(source))
        audit.record(
            session,
            actor=actor,
            action="source.rotated",
            subject=f"source:{connector}/{slug}",
            after={"former_secret_kept": len(kept) > 1},
            reason=reason,
        )
        return NewSecret(f"/hooks/{connector}/{slug}", given)

    return db.write(steps)


def stop_source(
    db: Writer, sealer: Sealer, *, connector: str, slug: str, actor: str, reason: str | None = None
) -> None:
    """Accept nothing more from a source: its secrets are forgotten. What it sent before is still worked.

    Raises:
        NotFound
    """

    def steps(session: Session) -> None:
        source = sources.find_source(session, connector, slug)
        if not sources.replace_secrets(session, source, sealer.seal([])):
            raise TryAgain
        sources.stop_source(session, sources.id_of(source), because=reason or f"stopped by {actor}", now=clock.now())
        audit.record(session, actor=actor, action="source.stopped", subject=f"source:{connector}/{slug}", reason=reason)

    db.write(steps)


def list_sources(db: Writer) -> list[Source]:
    """Every source, stopped ones too; none shows its secrets."""
    return db.read(sources.find_sources)


def reseal_sources(db: Writer, sealer: Sealer) -> int:
    """Seal every source's secrets with the present secret key, so that a former one may go. Returns how many.

    Raises:
        SealBroken: a source was sealed with a key that is no longer known.
    """

    def steps(session: Session) -> int:
        found = sources.find_sources(session)
        for source in found:
            sealed = sealer.seal(sealer.open(source.sealed_secrets))
            if not sources.replace_secrets(session, source, sealed):
                raise TryAgain
        return len(found)

    return db.write(steps)


def _plugin(name: str) -> Connector:
    plugin = connectors().get(name)
    if plugin is None:
        raise NotFound(what=f"connector {name}")
    return plugin


def _secret(plugin: Connector, given: str | None) -> str:
    secret = plugin.new_secret() if given is None else given
    if secret is None or not plugin.accepts_secret(secret):
        raise BadSecret(form_fr=plugin.secret_form.fr, form_en=plugin.secret_form.en)
    return secret
