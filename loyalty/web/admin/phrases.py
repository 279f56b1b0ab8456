"""What is answered to fans most often, ready to be sent in the fan's own language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loyalty.i18n import Words

PHRASES: Mapping[str, Words] = MappingProxyType(
    {
        "made_good": Words(
            fr="Vous avez raison, et nous vous prions de nous excuser : votre solde vient d’être corrigé.",
            en="You are right, and we apologise: your balance was just put right.",
        ),
        "limit": Words(
            fr="Cette participation a bien été vue, mais la règle a une limite, et vous l’aviez atteinte : "
            "l’historique dit laquelle, et quand elle se rouvre.",
            en="We did see this activity, but the rule has a limit and you had reached it: your history says which "
            "one, and when it opens again.",
        ),
        "late": Words(
            fr="Elle est arrivée après la fin de l’animation : les règles sont les mêmes pour tout le monde.",
            en="It came after the end: the rules are the same for everybody.",
        ),
        "taken_back": Words(
            fr="Cette participation a été retirée : ce qu’elle avait rapporté est repris. "
            "Si vous ne l’avez pas retirée vous-même, dites-le-nous.",
            en="This activity was withdrawn: what it had earned was taken back. "
            "If you did not withdraw it yourself, tell us.",
        ),
        "not_received": Words(
            fr="Nous n’avons rien reçu du réseau à ce moment-là. "
            "Vérifiez que le bon compte est relié dans votre profil.",
            en="We received nothing from the network at that moment. "
            "Check that the right account is linked on your profile.",
        ),
    }
)
