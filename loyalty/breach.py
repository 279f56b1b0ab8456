"""One place where the books do not add up: what `loyalty verify` looks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken invariant.

    Attributes:
        invariant: its name, "I1" to "I12".
        where: the row or rows in breach: "voucher 7046029254386353131".
        what: what was expected and what was found, for a person.
    """

    invariant: str
    where: str
    what: str
