"""Codes that are said on air and typed at home: how one is made, and when two spellings are the same."""

import secrets
import unicodedata

# Common words, each spelled as it sounds and unlike the others. The number makes a code hard to guess: 65 words and
# 90 numbers make 5,850 codes, of which one fan may try a handful.
_WORDS = """
    abricot agenda album animal arbitre avenue balcon balade basket bateau biscuit bonbon boussole bouton cabane
    camion canapé carnet carton caravane castor cerise chanson chocolat citron comptoir cravate dauphin domino
    fanfare festival galerie girafe guitare jardin jonquille lagune lavande lumière madame magasin marathon melon
    mirador moulin nuage olive orange panda parasol parfum piano pirate praline radio renard rideau sardine soleil
    tambour tomate tournesol vacances valise violon
""".split()  # noqa: SIM905 - words are read more easily than a list of them

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o"})


def fold(text: str) -> str:
    """What of a code counts: its letters and digits, without case or accents.

    >>> fold("  L’Été, 47 ! ")
    'lete47'
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LIGATURES)
    return "".join(character for character in plain if character.isalnum())


def new_code() -> str:
    """A random code that can be said: a word and a number of two digits."""
    return f"{secrets.choice(_WORDS)} {10 + secrets.randbelow(90)}"
