"""The station changes its mind about its programme: each change with what was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from loyalty.db import Joined, Writer
from loyalty.errors import NotFound
from loyalty.pictures.keep import keep
from loyalty.pictures.make import Made
from loyalty.programme.tables import Programme
from loyalty.staff import audit

CHANGEABLE = frozenset(
    {
        "name",
        "time_zone",
        "default_language",
        "expiry_notice_days",
        "expiry_notice_points",
        "brand_colour",
        "point_names",
        "logo_id",
        "approval_points",
        "approval_units",
        "forget_after_months",
        "point_value",
        "expected_breakage",
        "tier_year_starts",
        "tier_one_step",
        "debt_policy",
        "transfers_allowed",
        "transfer_smallest",
        "transfer_most_per_day",
        "pending_hours",
    }
)


def change_programme(
    db: Writer,
    said: Mapping[str, Any],
    *,
    actor: str,
    reason: str | None = None,
    logo: Made | None = None,
    without_logo: bool = False,
) -> None:
    """Change what is said of the programme; when points expire is changed by `change_expiry`.

    Args:
        said: columns of the programme, checked.
        logo: another one; None: the one it has.
        without_logo: take the one it has away.

    Raises:
        NotFound: the programme is not set up.
    """
    assert said.keys() <= CHANGEABLE, "checked where it came in"

    def steps(session: Session) -> None:
        programme = session.get(Programme, 1)
        if programme is None:
            raise NotFound(what="programme")
        session.refresh(programme, with_for_update=True)
        wanted = {**said, **({"logo_id": None} if without_logo else {})}
        if logo is not None:
            wanted["logo_id"] = keep(session, logo)
        before = {name: getattr(programme, name) for name in wanted}
        changed = [name for name, value in wanted.items() if before[name] != value]
        if not changed:
            return
        for name in changed:
            setattr(programme, name, wanted[name])
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="programme.changed",
            subject="programme",
            before={name: before[name] for name in changed},
            after={name: wanted[name] for name in changed},
            reason=reason,
        )

    db.write(steps)


def change_waiting(db: Writer, which: str, hours: int | None, *, actor: str, reason: str) -> None:
    """Say how long points of one kind of acts, or of one network, wait before they can be spent.

    Args:
        which: "kind:like" or "network:x".
        hours: None: no longer said; such points wait as the other says, or not at all.

    Raises:
        NotFound: the programme is not set up.
    """

    def steps(session: Session) -> None:
        programme = session.get(Programme, 1)
        if programme is None:
            raise NotFound(what="programme")
        session.refresh(programme, with_for_update=True)
        others = {name: said for name, said in programme.pending_hours.items() if name != which}
        said = others if hours is None else {**others, which: hours}
        change_programme(Joined(session), {"pending_hours": said}, actor=actor, reason=reason)

    db.write(steps)
