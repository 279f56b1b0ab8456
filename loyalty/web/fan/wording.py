"""How the pages call what a fan did, where, and why points came or went."""

from loyalty.i18n import Words
from loyalty.rules.conditions.network import NAMES, OURS

KINDS = {
    "comment": Words(fr="Commentaire", en="Comment"),
    "live_chat": Words(fr="Message dans le chat", en="Live chat message"),
    "post": Words(fr="Publication", en="Post"),
    "mention": Words(fr="Mention", en="Mention"),
    "share": Words(fr="Partage", en="Share"),
    "like": Words(fr="J’aime", en="Like"),
    "follow": Words(fr="Abonnement au compte", en="Follow"),
    "join": Words(fr="Arrivée au club", en="Joined the club"),
    "subscription": Words(fr="Abonnement", en="Subscription"),
    "gift": Words(fr="Abonnement offert", en="Gift subscription"),
    "tip": Words(fr="Don", en="Tip"),
    "vote": Words(fr="Vote", en="Vote"),
    "quiz_answer": Words(fr="Quiz", en="Quiz"),
    "prediction": Words(fr="Pronostic", en="Prediction"),
    "answer": Words(fr="Réponse", en="Answer"),
    "onair_code": Words(fr="Code donné à l’antenne", en="Code given on air"),
    "redeem_external": Words(fr="Points de chaîne", en="Channel points"),
    "check_in": Words(fr="Présence sur place", en="Check-in"),
    "purchase": Words(fr="Achat", en="Purchase"),
    "referral": Words(fr="Parrainage", en="Referral"),
    "challenge": Words(fr="Défi", en="Challenge"),
}
_OTHER = Words(fr="Participation", en="Activity")

CAUSES = {
    "activity": Words(fr="Participation", en="Activity"),
    "withdrawal": Words(fr="Participation retirée", en="Activity withdrawn"),
    "redemption": Words(fr="Échange", en="Redemption"),
    "cancellation": Words(fr="Échange annulé", en="Redemption cancelled"),
    "expiry": Words(fr="Expiration", en="Expired"),
    "link": Words(fr="Compte relié", en="Account linked"),
    "merge": Words(fr="Comptes réunis", en="Accounts merged"),
    "activation": Words(fr="Gain disponible", en="Now available"),
    "renewal": Words(fr="Prolongation", en="Lasts longer"),
    "expiry_policy": Words(fr="Nouvelle date d’expiration", en="New expiry date"),
    "hold": Words(fr="Mise de côté", en="Set aside"),
    "hold_move": Words(fr="Mise de côté", en="Set aside"),
    "hold_release": Words(fr="Retour de ce qui était de côté", en="Back from being set aside"),
    "adjustment": Words(fr="Correction par l’équipe", en="Correction by the team"),
    "transfer": Words(fr="Don entre fans", en="Gift between fans"),
}
WHY = {
    "activity": Words(fr="Pour une participation.", en="For an activity."),
    "withdrawal": Words(
        fr="Cette participation ne compte plus : ce qu’elle avait rapporté est repris.",
        en="This activity no longer counts: what it had earned was taken back.",
    ),
    "redemption": Words(fr="Vos {our_points} contre cette récompense.", en="Your {our_points} for this reward."),
    "cancellation": Words(
        fr="Vous retrouvez vos {our_points}, avec leur date d’expiration.",
        en="Your {our_points} are back, with the expiry they had.",
    ),
    "expiry": Words(
        fr="Ils n’ont pas été dépensés avant leur date d’expiration.",
        en="They were not spent before their expiry date.",
    ),
    "link": Words(
        fr="Ce que ce compte avait gagné est maintenant à vous.",
        en="What this account had earned is yours now.",
    ),
    "merge": Words(
        fr="Vous aviez deux comptes de fan : vous retrouvez ici leurs {our_points}, avec leurs dates d’expiration.",
        en="You had two fan accounts: their {our_points} are together here, with the expiry they had.",
    ),
    "activation": Words(
        fr="Ils étaient en attente : vous pouvez maintenant les dépenser.",
        en="They were pending: now you can spend them.",
    ),
    "renewal": Words(
        fr="Vous avez gagné des points : les précédents durent plus longtemps.",
        en="You earned points: the ones before last longer.",
    ),
    "expiry_policy": Words(
        fr="La règle d’expiration a changé, et leur date avec elle.",
        en="The rule of expiry changed, and their date with it.",
    ),
    "adjustment": Words(
        fr="L’équipe de la station a corrigé votre solde à la main.",
        en="The station’s team corrected your balance by hand.",
    ),
}

AGAIN = Words(
    fr="Une limite était pleine de participations retirées depuis : celle-ci compte maintenant.",
    en="A limit was full of activities that were withdrawn since: this one counts now.",
)
FORGIVEN = Words(
    fr="{points:n} {points:autre n’est pas repris|autres ne sont pas repris} : le règlement du programme vous "
    "{points:le|les} laisse.",
    en="Another {points:n} {points:is|are} not taken: the programme lets you keep {points:it|them}.",
)


def kind(code: str, language: str) -> str:
    """What was done, as a noun."""
    return KINDS.get(code, _OTHER).say(language)


def network(code: str, language: str) -> str | None:
    """Where it was done; None on our own pages, where there is nothing to tell."""
    if code == "station":
        return None
    if code in OURS:
        said = OURS[code].say(language)
        return said[:1].upper() + said[1:]
    return NAMES.get(code, code)


def cause(code: str, language: str) -> str:
    """Why points moved, in a word or two."""
    return CAUSES.get(code, _OTHER).say(language)


def why(code: str, language: str) -> str:
    """Why points moved, in a sentence."""
    return WHY.get(code, _OTHER).say(language)
