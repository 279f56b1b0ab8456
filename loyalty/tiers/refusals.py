"""What may be refused about tiers, each with what the asker needs to know."""

from loyalty.errors import Conflict, NotFound
from loyalty.i18n import Words


class TierNotFound(NotFound):
    """No tier has this slug, or it was archived and cannot be changed any more."""

    code = "tier_not_found"
    words = Words(fr="Niveau introuvable : {slug}.", en="No such tier: {slug}.")


class TierExists(Conflict):
    """Another tier has this slug, maybe an archived one."""

    code = "tier_exists"
    words = Words(fr="Un niveau s’appelle déjà « {slug} ».", en="There is already a tier “{slug}”.")


class ThresholdTaken(Conflict):
    """Another tier takes as many status points."""

    code = "threshold_taken"
    words = Words(
        fr="Un autre niveau demande déjà {threshold:n} points de statut.",
        en="Another tier takes {threshold:n} status points already.",
    )
