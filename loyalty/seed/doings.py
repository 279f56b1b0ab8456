"""Acts, as the networks will tell of them, put on the agenda at their moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from loyalty.activities.fact import OWN_NETWORK, ActivityFact
from loyalty.seed.agenda import Agenda
from loyalty.seed.chance import code
from loyalty.seed.mailbag import Mailbag
from loyalty.seed.people import Account

CHANNEL = "71092938"  # of the station on Twitch


@dataclass(frozen=True, slots=True, kw_only=True)
class Doings:
    """Lets people do things; each method returns the act."""

    chance: Random
    agenda: Agenda
    mailbag: Mailbag

    def fan(self, reference: str, at: datetime, kind: str, what: str, **more: Any) -> ActivityFact:
        """A fan does something on the station's own pages."""
        return self._tell(
            ActivityFact(network=OWN_NETWORK, actor=reference, kind=kind, object=what, happened_at=at, **more)
        )

    def account(self, account: Account, at: datetime, kind: str, what: str, **more: Any) -> ActivityFact:
        """A network account does something there."""
        return self._tell(
            ActivityFact(
                network=account.network,
                actor=account.external_id,
                actor_name=account.name,
                kind=kind,
                object=what,
                happened_at=at,
                **more,
            )
        )

    def chat(self, account: Account, at: datetime, text: str, *, show: str | None) -> ActivityFact:
        """A message in the station's live chat."""
        number = code(self.chance, 32)
        return self.account(account, at, "live_chat", CHANNEL, external_id=number, text=text, show=show)

    def take_back(self, act: ActivityFact, at: datetime, part: int | None = None) -> None:
        """The act, or so many units of it, is no more; its network says so even if it has not told of the act yet."""
        self.agenda.at(at, partial(self.mailbag.tell_withdrawn, act, part))

    def _tell(self, act: ActivityFact) -> ActivityFact:
        assert act.happened_at is not None
        self.agenda.at(act.happened_at, partial(self.mailbag.tell, act))
        return act
