"""The kinds of animation there are."""

from collections.abc import Mapping

from loyalty import registry
from loyalty.animation import AnimationKind
from loyalty.errors import Invalid


def known_kinds() -> Mapping[str, AnimationKind]:
    """Every kind, by name."""
    return registry.plugins(__package__)


def kind_named(name: str) -> AnimationKind:
    """The kind somebody asks for.

    Raises:
        Invalid: there is none of that name.
    """
    kind = known_kinds().get(name)
    if kind is None:
        raise Invalid({"kind": [f"Unknown. Known: {', '.join(known_kinds())}."]})
    return kind
