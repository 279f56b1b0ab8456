"""Why a scan is refused: every reason, in the order they are checked, and what the partner is told."""

from collections.abc import Mapping
from types import MappingProxyType

from loyalty.i18n import Words

OK = "ok"
VALID = Words(fr="Valable. Remettez : {reward_fr}.", en="Valid. Hand over: {reward_en}.")
VALID_ONCE_MORE = Words(
    fr="Valable, utilisation {uses:n} sur {max_uses:n}. Remettez : {reward_fr}.",
    en="Valid, use {uses:n} of {max_uses:n}. Hand over: {reward_en}.",
)
# What the nonce of a use that was taken back is told again: nothing is handed out for it.
ANNULLED = "annulled"
UNDONE = Words(fr="Lecture annulée : ne remettez rien.", en="This scan was undone: hand nothing over.")

REASONS: Mapping[str, Words] = MappingProxyType(
    {
        "malformed": Words(fr="Ce n’est pas le code d’un bon.", en="This is not the code of a voucher."),
        "unsupported_version": Words(
            fr="Ce code est d’une version inconnue.", en="This code is of an unknown version."
        ),
        "unknown_key": Words(fr="Ce code ne vient pas de nous.", en="This code is not one of ours."),
        "bad_signature": Words(fr="Code falsifié ou abîmé.", en="Forged or damaged code."),
        "unknown_voucher": Words(fr="Bon inconnu.", en="Unknown voucher."),
        "wrong_partner": Words(fr="Pas valable ici.", en="Not valid here."),
        # From here on it is the partner who hands the reward out; nobody else is told of the voucher.
        "superseded": Words(fr="Ancien code : un nouveau l’a remplacé.", en="Old code: a new one has replaced it."),
        "cancelled": Words(fr="Bon annulé.", en="Cancelled voucher."),
        "blocked": Words(fr="Bon bloqué par la station.", en="Voucher blocked by the station."),
        "not_yet_valid": Words(fr="Valable à partir du {not_before:moment}.", en="Valid from {not_before:moment}."),
        "expired": Words(fr="Expiré depuis le {not_after:moment}.", en="Expired since {not_after:moment}."),
        # Kept for offline scanning and for codes that change every 30 seconds; nothing gives them yet.
        "live_code_required": Words(fr="Demandez le code affiché en direct.", en="Ask for the code shown live."),
        "clock_skew": Words(fr="L’horloge de cet appareil est fausse.", en="This device’s clock is wrong."),
        "offline_too_old": Words(fr="Lecture hors ligne trop ancienne.", en="This offline reading is too old."),
        "offline_not_allowed": Words(fr="À lire en ligne seulement.", en="To be read online only."),
        "offline_limit": Words(fr="Trop de lectures hors ligne.", en="Too many offline readings."),
        "already_used": Words(
            fr="Déjà utilisé le {used_at:moment} : {used_place}, {used_device}.",
            en="Already used on {used_at:moment}: {used_place}, {used_device}.",
        ),
    }
)
