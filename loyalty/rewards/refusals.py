"""What may be refused about rewards and their stock, each with what the asker needs to know."""

from loyalty.errors import Conflict, NotFound, Refused
from loyalty.i18n import Words


class RewardNotFound(NotFound):
    """No reward has this slug, or it is not to be seen now: both answer the same."""

    code = "reward_not_found"
    words = Words(fr="Récompense introuvable : {slug}.", en="No such reward: {slug}.")


class RewardExists(Conflict):
    """Another reward has this slug."""

    code = "reward_exists"
    words = Words(fr="Une récompense s’appelle déjà « {slug} ».", en="There is already a reward “{slug}”.")


class OutOfStock(Refused):
    """The last unit is gone; nothing was taken."""

    code = "out_of_stock"
    status = 409
    words = Words(
        fr="Cette récompense est épuisée. Rien n’a été débité.",
        en="This reward has run out. Nothing was taken.",
    )


class NotRedeemableYet(Refused):
    """It can be had from `from_at` on."""

    code = "not_redeemable_yet"
    status = 409
    words = Words(
        fr="Cette récompense pourra être demandée à partir du {from_at:moment}.",
        en="This reward can be had from {from_at:moment}.",
    )


class NoLongerRedeemable(Refused):
    """It could be had until `until_at`."""

    code = "no_longer_redeemable"
    status = 409
    words = Words(
        fr="Cette récompense ne peut plus être demandée depuis le {until_at:moment}.",
        en="This reward could be had until {until_at:moment}.",
    )


class TierNeeded(Refused):
    """The reward is for fans of a tier, or a higher one; no point was taken."""

    code = "tier_needed"
    status = 409
    words = Words(
        fr="Cette récompense est réservée aux fans à partir du niveau {tier_fr}. Aucun point n’a été débité.",
        en="This reward is for fans of the tier {tier_en} and above. No points were taken.",
    )


class LimitReached(Refused):
    """The fan had as many as one fan may; the next is possible at `next_at`."""

    code = "limit_reached"
    status = 409
    words = Words(
        fr="Vous avez déjà eu cette récompense {count:n} fois, le maximum en {days:n} {days:jour|jours}. "
        "La prochaine fois sera possible le {next_at:moment}.",
        en="You have had this reward {count:n} {count:time|times}, the most within {days:n} {days:day|days}. "
        "The next time is possible from {next_at:moment}.",
    )


class LimitReachedForGood(LimitReached):
    """The fan had as many as one fan may ever."""

    words = Words(
        fr="Vous avez déjà eu cette récompense {count:n} fois, le maximum par personne.",
        en="You have had this reward {count:n} {count:time|times}, the most for one person.",
    )


class NotThatMany(Refused):
    """More was to leave the stock, or to come back to it, than can."""

    code = "not_that_many"
    status = 409
    words = Words(
        fr="Impossible pour {wanted:n} {wanted:unité|unités} : il n’y en a que {possible:n}.",
        en="Not possible for {wanted:n} {wanted:unit|units}: there are only {possible:n}.",
    )


class StockLotNotFound(NotFound):
    """The reward has no such stock lot."""

    code = "stock_lot_not_found"
    words = Words(fr="Lot de stock introuvable.", en="No such stock lot.")


class RedemptionNotFound(NotFound):
    """There is no such redemption, or it is not yours to see."""

    code = "redemption_not_found"
    words = Words(fr="Échange introuvable.", en="No such redemption.")
