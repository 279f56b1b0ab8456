"""How the admin calls what staff did, who did it and to what."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import current_app, url_for

from loyalty.i18n import Words
from loyalty.web.language import spoken

ACTIONS: Mapping[str, Words] = MappingProxyType(
    {
        "adjustment.asked": Words(
            fr="Correction demandée, en attente d’accord", en="Correction asked for, to be approved"
        ),
        "animation.changed": Words(fr="Animation modifiée", en="Animation changed"),
        "animation.closed": Words(fr="Animation close", en="Animation closed"),
        "animation.frozen": Words(fr="Animation suspendue", en="Animation frozen"),
        "animation.opened": Words(fr="Animation ouverte", en="Animation opened"),
        "animation.refused": Words(fr="Réponses refusées", en="Answers refused"),
        "animation.released": Words(fr="Réponses validées", en="Answers released"),
        "animation.voided": Words(fr="Animation annulée", en="Animation voided"),
        "approval.approved": Words(fr="Demande approuvée", en="Request approved"),
        "approval.refused": Words(fr="Demande refusée", en="Request refused"),
        "delivery.replayed": Words(fr="Livraison rejouée", en="Delivery replayed"),
        "device.credential_rolled": Words(fr="Accès de l’appareil renouvelé", en="Device credential renewed"),
        "device.enrolled": Words(fr="Appareil associé", en="Device enrolled"),
        "device.revoked": Words(fr="Appareil révoqué", en="Device revoked"),
        "dispute.answered": Words(fr="Question répondue", en="Question answered"),
        "enrolment.opened": Words(fr="Association d’appareil ouverte", en="Enrolment opened"),
        "expiry.applied": Words(
            fr="Nouvelle expiration appliquée aux points existants", en="New expiry applied to existing points"
        ),
        "expiry.asked": Words(
            fr="Changement d’expiration demandé, en attente d’accord", en="Change of expiry asked for, to be approved"
        ),
        "expiry.changed": Words(fr="Expiration des points modifiée", en="Expiry of points changed"),
        "fan.erased": Words(fr="Fan effacé", en="Fan erased"),
        "fan.exported": Words(fr="Données exportées", en="Data exported"),
        "fan.merged": Words(fr="Fans réunis", en="Fans merged"),
        "fan.registered": Words(fr="Fan inscrit", en="Fan registered"),
        "hold.captured": Words(fr="Points mis de côté dépensés", en="Points set aside were spent"),
        "hold.opened": Words(fr="Points mis de côté", en="Points set aside"),
        "hold.released": Words(fr="Points mis de côté rendus", en="Points set aside were given back"),
        "identity.linked": Words(fr="Compte relié", en="Account linked"),
        "identity.unlinked": Words(fr="Compte retiré", en="Account unlinked"),
        "import.begun": Words(fr="Importation commencée", en="Import begun"),
        "import.cancelled": Words(fr="Importation arrêtée", en="Import cancelled"),
        "import.choices_made": Words(fr="Colonnes du fichier précisées", en="Columns of the file explained"),
        "import.confirmed": Words(fr="Importation lancée", en="Import confirmed"),
        "import.uploaded": Words(fr="Fichier envoyé", en="File uploaded"),
        "key.made": Words(fr="Clé d’API créée", en="API key made"),
        "key.revoked": Words(fr="Clé d’API révoquée", en="API key revoked"),
        "partner.changed": Words(fr="Partenaire modifié", en="Partner changed"),
        "month.closed": Words(fr="Mois clôturé", en="Month closed"),
        "partner.created": Words(fr="Partenaire créé", en="Partner created"),
        "place.changed": Words(fr="Lieu modifié", en="Place changed"),
        "place.created": Words(fr="Lieu créé", en="Place created"),
        "points.adjusted": Words(fr="Points corrigés à la main", en="Points corrected by hand"),
        "programme.changed": Words(fr="Programme modifié", en="Programme changed"),
        "programme.set_up": Words(fr="Programme mis en place", en="Programme set up"),
        "redemption.cancelled": Words(fr="Échange annulé", en="Redemption cancelled"),
        "reward.archived": Words(fr="Récompense archivée", en="Reward archived"),
        "reward.changed": Words(fr="Récompense modifiée", en="Reward changed"),
        "reward.created": Words(fr="Récompense créée", en="Reward created"),
        "rule.revised": Words(fr="Règle modifiée", en="Rule revised"),
        "show.added": Words(fr="Émission ajoutée", en="Show added"),
        "source.added": Words(fr="Source ajoutée", en="Source added"),
        "source.rotated": Words(fr="Secret de la source renouvelé", en="Source secret rotated"),
        "source.stopped": Words(fr="Source arrêtée", en="Source stopped"),
        "staff.disabled": Words(fr="Compte désactivé", en="Account disabled"),
        "staff.invited": Words(fr="Invitation envoyée", en="Invitation made"),
        "staff.joined": Words(fr="Arrivée dans l’équipe", en="Joined the team"),
        "staff.recovery_codes_renewed": Words(fr="Codes de secours renouvelés", en="Recovery codes renewed"),
        "staff.role_changed": Words(fr="Rôle modifié", en="Role changed"),
        "staff.second_factor_enrolled": Words(fr="Second facteur relié", en="Second factor bound"),
        "staff.sessions_ended": Words(fr="Sessions fermées", en="Sessions ended"),
        "staff.signed_in": Words(fr="Connexion", en="Signed in"),
        "staff.signed_out": Words(fr="Déconnexion", en="Signed out"),
        "stock.lost": Words(fr="Stock perdu", en="Stock lost"),
        "stock.received": Words(fr="Stock reçu", en="Stock received"),
        "stock.returned": Words(fr="Stock remis", en="Stock returned"),
        "stock.withdrawn": Words(fr="Stock retiré", en="Stock withdrawn"),
        "stock.asked": Words(
            fr="Mouvement de stock demandé, en attente d’accord", en="Movement of stock asked for, to be approved"
        ),
        "partner.archived": Words(fr="Partenaire quitté", en="Parted with the partner"),
        "scan.annulled": Words(fr="Utilisation reprise", en="Use taken back"),
        "show.archived": Words(fr="Émission archivée", en="Show archived"),
        "show.changed": Words(fr="Émission modifiée", en="Show changed"),
        "tier.added": Words(fr="Niveau ajouté", en="Tier added"),
        "tier.archived": Words(fr="Niveau archivé", en="Tier archived"),
        "tier.changed": Words(fr="Niveau modifié", en="Tier changed"),
        "voucher.blocked": Words(fr="Bon bloqué", en="Voucher blocked"),
        "voucher.reissued": Words(fr="Bon réémis", en="Voucher re-issued"),
        "voucher.unblocked": Words(fr="Bon débloqué", en="Voucher unblocked"),
    }
)
_KINDS: Mapping[str, Words] = MappingProxyType(
    {
        "activity": Words(fr="participation", en="activity"),
        "animation": Words(fr="animation", en="animation"),
        "delivery": Words(fr="livraison", en="delivery"),
        "device": Words(fr="appareil", en="device"),
        "dispute": Words(fr="question", en="question"),
        "fan": Words(fr="fan", en="fan"),
        "hold": Words(fr="points mis de côté", en="points set aside"),
        "import": Words(fr="importation", en="import"),
        "key": Words(fr="clé", en="key"),
        "month": Words(fr="mois", en="month"),
        "partner": Words(fr="partenaire", en="partner"),
        "place": Words(fr="lieu", en="place"),
        "programme": Words(fr="programme", en="programme"),
        "redemption": Words(fr="échange", en="redemption"),
        "reward": Words(fr="récompense", en="reward"),
        "rule": Words(fr="règle", en="rule"),
        "show": Words(fr="émission", en="show"),
        "source": Words(fr="source", en="source"),
        "staff": Words(fr="équipe", en="team"),
        "tier": Words(fr="niveau", en="tier"),
        "upload": Words(fr="fichier", en="file"),
    }
)
_ACTORS: Mapping[str, Words] = MappingProxyType(
    {
        "cli": Words(fr="Ligne de commande", en="Command line"),
        "device": Words(fr="Appareil", en="Device"),
        "fan": Words(fr="Fan", en="Fan"),
        "job": Words(fr="Automatique", en="Automatic"),
        "key": Words(fr="Clé", en="Key"),
        "animation": Words(fr="Animation", en="Animation"),
        "hook": Words(fr="Source", en="Source"),
        "import": Words(fr="Importation", en="Import"),
        "page": Words(fr="Page du fan :", en="The fan’s page:"),
    }
)
_SECTIONS = {  # the first part of the address of a subject's page
    "activity": "activities",
    "animation": "animations",
    "delivery": "deliveries",
    "dispute": "questions",
    "fan": "fans",
    "month": "accounts",
    "partner": "partners",
    "redemption": "vouchers",
    "reward": "rewards",
    "rule": "rules",
    "upload": "imports",
}
_LISTS = {
    "key": "keys",
    "programme": "programme",
    "staff": "team",
    "source": "deliveries_sources",
    "show": "programme",
    "tier": "tiers",
}


def action(code: str) -> str:
    """What was done; a code we have no words for stays as it is."""
    return ACTIONS[code].say(spoken()) if code in ACTIONS else code


def actor(name: str) -> str:
    """Who did it: a member of staff by address, anything else by what it is."""
    kind, _, rest = name.partition(":")
    if kind == "staff" or not rest:
        return rest or name
    return f"{_ACTORS[kind].say(spoken())} {rest}" if kind in _ACTORS else name


def subject(name: str) -> str:
    """To what it was done: "fan 123", "règle matinale-chat"."""
    kind, _, rest = name.partition(":")
    return f"{_KINDS[kind].say(spoken())} {rest}".strip() if kind in _KINDS else name


def subject_address(name: str) -> str | None:
    """Where the subject's own page is, if it has one."""
    kind, _, rest = name.partition(":")
    if kind in _LISTS:
        endpoint = f"admin.{_LISTS[kind]}"
        return url_for(endpoint) if endpoint in current_app.view_functions else None
    if kind not in _SECTIONS or not rest:
        return None
    return _page_of(_SECTIONS[kind], rest)


def _page_of(section: str, name: str) -> str | None:
    """The page at /admin/<section>/<name>, whatever its module calls it."""
    adapter = current_app.url_map.bind("", script_name="")
    path = f"/admin/{section}/{name}"
    return path if adapter.test(path, "GET") else None
