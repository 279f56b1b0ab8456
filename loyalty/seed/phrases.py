"""What people write, from one word to a whole thought."""

from __future__ import annotations

from random import Random

_SHORT = (
    "Bravo !", "mdr", "Allez !", "Oh non", "😂😂", "GOOOAL", "Bonjour", "Merci", "+1", "Enfin !", "Quel but !", "Top",
    "Coucou tout le monde", "Bien dit", "🔥", "Salut l’équipe", "Incroyable…", "Pas d’accord", "Vivement demain",
)  # fmt: skip
_OPENINGS = (
    "Franchement", "À mon avis", "Bonjour à tous", "Je vous écoute de {place} et", "Comme le dit {host}",
    "Pour une fois", "Depuis ce matin", "Si je comprends bien", "Ici à {place}", "Avec mes collègues", "Honnêtement",
)  # fmt: skip
_THOUGHTS = (
    "c’est la meilleure séquence de la semaine",
    "on sent que l’équipe a retrouvé des jambes",
    "il faudrait donner la parole aux auditeurs plus souvent",
    "le débat tourne en rond, revenons au sujet",
    "la question du pouvoir d’achat n’est pas réglée",
    "j’ai adoré la chronique de {host}",
    "le gardien nous sauve encore une fois",
    "on attend toujours le bus de huit heures",
    "ce livre donne vraiment envie de le lire",
    "vous m’avez fait rire dans les embouteillages",
    "l’arbitre a bien fait de laisser jouer",
    "je découvre ce groupe et je ne le lâche plus",
    "la météo annonce du soleil pour le week-end",
    "il nous manque un vrai numéro neuf",
    "cet invité sait de quoi il parle",
    "on devrait refaire cette émission en public",
)
_ENDINGS = ("", "", "", " !", "…", " 👏", ", merci à vous", ", et de loin", ", non ?", " @radiolumiere")
_PLACES = (
    "Lyon",
    "Lille",
    "Saint-Étienne",
    "Dijon",
    "Grenoble",
    "Le Mans",
    "Limoges",
    "Pau",
    "Metz",
    "Bourges",
    "Sète",
)
_HOSTS = ("Clara", "Mehdi", "Jean-Marc", "Yasmina", "Lucas", "Odile")


def chat(chance: Random) -> str:
    """A message in a live chat: two in five are a word or two."""
    return chance.choice(_SHORT) if chance.random() < 0.4 else thought(chance)


def comment(chance: Random) -> str:
    """A comment under a post: mostly a thought or two, now and then a word."""
    if chance.random() < 0.2:
        return chance.choice(_SHORT)
    return " ".join(thought(chance) for _ in range(chance.choice((1, 1, 2))))


def thought(chance: Random) -> str:
    """A sentence."""
    words = (
        f"{chance.choice(_OPENINGS)}, {chance.choice(_THOUGHTS)}" if chance.random() < 0.6 else chance.choice(_THOUGHTS)
    )
    said = words.format(place=chance.choice(_PLACES), host=chance.choice(_HOSTS)) + chance.choice(_ENDINGS)
    return said[0].upper() + said[1:]
