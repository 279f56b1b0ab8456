"""What networks tell us, gathered and handed to the flows a few hundred at a time, as they would send it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from loyalty.activities.fact import OWN_NETWORK, ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.reverse import withdraw

AT_ONCE = 250


class Mailbag:
    """Facts on their way, by who tells of them.

    Attributes:
        sources: who tells us of each network, as activities name it.
        fan_ids: the number of each fan, by reference, once registered; facts on the station's own network name the
            fan by reference, for the number is known only then.
        taken: how many acts were handed over, by what became of them.
    """

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sources: dict[str, str] = {}
        self.fan_ids: dict[str, int] = {}
        self.taken: Counter[str] = Counter()
        self._waiting: dict[str, list[ActivityFact]] = {}

    @property
    def acts(self) -> int:
        """How many acts were handed over."""
        return self.taken.total()

    def tell(self, fact: ActivityFact) -> None:
        """Put a fact in; a full bag is handed over at once."""
        source = self._source(fact)
        if fact.network == OWN_NETWORK:
            fact = replace(fact, actor=str(self.fan_ids[fact.actor]))
        waiting = self._waiting.setdefault(source, [])
        waiting.append(fact)
        if len(waiting) >= AT_ONCE:
            self._hand_over(source)

    def tell_withdrawn(self, fact: ActivityFact, part: int | None = None) -> None:
        """The network takes an act back, or `part` of its units; the act itself may still be in the bag."""
        withdraw(
            self.db,
            [WithdrawnFact(act_key=fact.act_key, withdrawn_quantity=part)],
            source=self._source(fact),
        )

    def empty(self, *networks: str) -> None:
        """Hand over everything, or what the senders of these networks told."""
        sources = {self.sources[network] for network in networks or self.sources}
        for source in sorted(sources & self._waiting.keys()):
            self._hand_over(source)

    def _hand_over(self, source: str) -> None:
        facts = self._waiting.pop(source)
        self.taken.update(outcome.outcome or outcome.status for outcome in earn(self.db, facts, source=source))

    def _source(self, fact: ActivityFact) -> str:
        return self.sources[fact.scope or fact.network]
