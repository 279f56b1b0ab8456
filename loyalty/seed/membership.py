"""People become fans and link their accounts, each at the moment they chose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from loyalty.activities.fact import OWN_NETWORK, ActivityFact
from loyalty.db import Database
from loyalty.flows.link import link, register
from loyalty.seed.agenda import Agenda
from loyalty.seed.mailbag import Mailbag
from loyalty.seed.people import Account, Person

_PAGE = "page:inscription"  # who acts, for the audit trail: the fans themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The door of the club."""

    db: Database
    agenda: Agenda
    mailbag: Mailbag

    def expect(self, person: Person) -> None:
        """Put on the agenda that somebody joins, and links accounts."""
        self.agenda.at(person.joined_at, partial(self._join, person))
        for account in person.accounts:
            if account.linked_at is not None:
                self.agenda.at(account.linked_at, partial(self._link, person, account))

    def _join(self, person: Person) -> None:
        fan = register(
            self.db,
            reference=person.reference,
            display_name=person.display_name,
            email=person.email,
            language=person.language,
            actor=_PAGE,
        )
        self.mailbag.fan_ids[person.reference] = fan.id
        self.mailbag.tell(
            ActivityFact(
                network=OWN_NETWORK, actor=person.reference, kind="join", object="club", happened_at=self.agenda()
            )
        )

    def _link(self, person: Person, account: Account) -> None:
        fan_id = self.mailbag.fan_ids[person.reference]
        link(self.db, fan_id=fan_id, network=account.network, external_id=account.external_id, actor=_PAGE)
