"""Names of people who do not exist."""

from __future__ import annotations

import unicodedata
from random import Random

_FIRST = (
    "Adèle Adrien Agathe Alain Albane Alexandre Alice Amandine Amine Amir Anaïs André Anna Antoine Apolline "
    "Arnaud Arthur Assia Aurélie Axel Aya Baptiste Bastien Benoît Bérénice Bruno Camille Capucine Caroline "
    "Cécile Céline Charlotte Chloé Claire Clément Coline Corentin Damien David Delphine Denis Diane Dominique "
    "Éléonore Élise Élodie Émile Emma Enzo Estelle Ethan Étienne Eva Fanny Farid Fatou Faustine Florence Florian "
    "Franck François Gabriel Gaëlle Gaspard Gilles Guillaume Hadrien Hélène Hugo Ibrahim Inaya Irène Isabelle "
    "Ismaël Jade Jean Jeanne Jérôme Joachim Joséphine Jules Julie Justine Karim Kévin Khadija Laure Léa Léonie "
    "Lina Loïc Louane Louis Louise Lucas Lucie Ludovic Maëlle Malik Manon Margaux Marianne Marion Martin "
    "Mathilde Mathis Maxime Mehdi Mélanie Mickaël Mohamed Nadia Naïma Nathan Nicolas Nina Noé Noémie Océane "
    "Olivier Pascal Patricia Paul Pauline Philippe Pierre Quentin Rachid Raphaël Régis Rémi Robin Romane Rose "
    "Sacha Salomé Samir Samuel Sandrine Sarah Sébastien Simon Sofia Solène Sonia Stéphane Suzanne Sylvain Théo "
    "Thibault Thomas Valentin Valérie Victoire Vincent Wassim Yanis Yasmine Yves Zoé"
)
_LAST = (
    "Abadie Adam Allard Arnaud Aubert Bailly Barbier Baron Barre Belkacem Ben-Saïd Benard Berger Bernard Besson "
    "Blanc Blanchard Bonnet Boucher Boulanger Bourgeois Bouvier Brun Brunet Camara Carlier Caron Carpentier "
    "Charpentier Chevalier Clerc Colin Collet Cordier Cousin Daniel David Delaunay Delmas Deschamps Devaux "
    "Diallo Diarra Dubois Dufour Dumas Dumont Dupont Dupuis Durand Duval Étienne Fabre Faure Fernandes Ferrand "
    "Fleury Fontaine Fournier Gaillard Garcia Garnier Gauthier Gautier Gérard Germain Giraud Girard Gonçalves "
    "Guérin Guillot Haddad Hamel Henry Hoarau Hubert Humbert Jacquet Joly Julien Kone Lacroix Lambert Langlois "
    "Laurent Le-Gall Lebrun Leclerc Lecomte Lefèvre Legrand Lemaire Lemoine Leroux Leroy Lopez Louis Lucas Mahé "
    "Maillard Mallet Marchand Martel Martin Martinez Masson Mathieu Mendy Mercier Meunier Meyer Michaud Millet "
    "Monnier Moreau Morel Morvan Moulin Nguyen Nicolas Noël Olivier Paris Pasquier Payet Pelletier Perez Perrin "
    "Perrot Petit Philippe Picard Poirier Pons Poulain Prévost Raynaud Renard Renaud Rey Richard Rivière Robert "
    "Robin Roche Rodriguez Roger Rolland Rousseau Roussel Roux Roy Royer Sanchez Schmitt Simon Tessier Thomas "
    "Traoré Vallet Vasseur Vidal Vincent Weber"
)
_HANDLES = (
    "{first}{last}",
    "{first}_{number}",
    "{last}{number}",
    "{first}.{last}",
    "le_{last}",
    "{first}fm",
    "{first}{number}",
)
_FIRST_NAMES, _LAST_NAMES = _FIRST.split(), _LAST.split()


def person(chance: Random) -> tuple[str, str]:
    """A first name and a surname."""
    return chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES).replace("-", " ")


def plain(name: str) -> str:
    """A name as it is written in an address: "Hélène Le Gall" is "helene-le-gall"."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return letters.replace(" ", "-").replace("'", "")


def handle(chance: Random, first: str, last: str) -> str:
    """What somebody of that name calls an account."""
    chosen = chance.choice(_HANDLES)
    return chosen.format(first=plain(first), last=plain(last).replace("-", ""), number=chance.randint(1, 99))
