"""Where each table stands when the ledger is spread over many machines by PostgreSQL's extension Citus.

Spread by bucket: what one fan owns, so that a transaction about one bucket is a transaction on one machine. Spread by
reward: the stock, which strangers race for; a redemption is about a fan and a unit, and so is committed in two phases
where the two are on two machines. That is kept: a unit set aside first and confirmed later would cost a third
transaction for each redemption and a sweep of units set aside for nothing, to save the second phase of a few
redemptions a second. Spread by device: what it scanned, for a device knows its own number before any voucher is found.

A copy on every machine: what is small, read by everybody in one statement with what is spread, and written by staff.
`verdicts` is there too: new ones are rare, and `activities.record` writes only those that are not there yet.

On the coordinator alone: the rest. Some of it grows with the fans, and stays there for a reason:

- `identity` and `fan` find a person by a name on a network, an e-mail address or a number, unique among all, before
  any bucket is known. They are about 1 kB a fan: 10 GB for 10 million fans, a tenth of a percent of what these do
  in ten years. Copies on every machine would make each new account wait for all of them. `consent`, `dispute`,
  `link_code` and `give_code` are what a fan says of itself, and point to `fan`.
- `withdrawal` may come before its act, naming neither a fan nor an account; one act in a hundred is withdrawn.
- `rule` (and its revisions) counts what it gave to everybody once it has a budget, which binds everybody. That row is
  touched last, once by a batch, and is what the transactions of such a rule wait for: a few hundred a second. What the
  others give is counted in `rule_issued`, by bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

ON_EVERY_MACHINE = (
    "partner",
    "place",
    "device",
    "enrolment",
    "tier",
    "reward",
    "animation",
    "verdicts",
)  # targets of keys first

# Which column says where a row stands; the first of those with one column leads, the others stand beside it.
SPREAD_BY = MappingProxyType(
    {
        "bucket": "id",
        "holder": "bucket",
        "entry": "bucket",
        "lot": "bucket",
        "lot_use": "bucket",
        "status_year": "bucket",
        "seal": "bucket",
        "activity": "bucket",
        "rule_tally": "bucket",
        "rule_issued": "bucket",
        "pending_award": "bucket",
        "tier_change": "bucket",
        "tier_holding": "bucket",
        "hold": "bucket",
        "animation_part": "bucket",
        "redemption": "bucket",
        "voucher": "bucket",
        "superseded_code": "bucket",
        "stock_lot": "reward_id",
        "stock_movement": "reward_id",
        "stock_unit": "reward_id",
        "scan": "device_id",
    }
)
_LEADS = MappingProxyType({"id": "bucket", "bucket": "bucket", "reward_id": "stock_lot", "device_id": "scan"})

ON_THE_COORDINATOR = frozenset(
    {
        *("programme", "expiry_change", "show", "rule", "rule_revision", "rule_draft", "source", "picture"),
        *("fan", "identity", "consent", "dispute", "link_code", "give_code", "expiry_notice", "withdrawal"),
        *("web_session", "sign_in", "kept_answer", "rate_window", "delivery", "outgoing_mail"),
        *("import_run", "import_upload", "day_figure", "checkpoint", "closing", "verification", "backup"),
        *("staff_account", "staff_invitation", "recovery_code", "approval", "api_key", "audit_record"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One table that goes to its place.

    Attributes:
        column: by which it is spread; None: every machine gets a copy.
        beside: the table whose rows of the same value stand on the same machine; None: it leads.
    """

    name: str
    column: str | None = None
    beside: str | None = None


def steps() -> list[Step]:
    """Every table that leaves the coordinator, in an order in which each finds what it refers to."""
    copies = [Step(name=table) for table in ON_EVERY_MACHINE]
    spread = [
        Step(name=table, column=column, beside=None if _LEADS[column] == table else _LEADS[column])
        for table, column in SPREAD_BY.items()
    ]
    return copies + spread
