"""What a schema complains of, in the reader's language: schemas say it in the English of their library."""

from __future__ import annotations

import re
from typing import Any

from loyalty.i18n import Words

_NEEDED = Words(fr="À remplir.", en="Please fill this in.")
_SAID: tuple[tuple[str, Words], ...] = (
    (r"Missing data for required field\.|Must not be blank\.|Field may not be null\.", _NEEDED),
    (
        r"Not a whole number\.|Not a valid integer\.",
        Words(fr="Un nombre entier, s’il vous plaît.", en="A whole number, please."),
    ),
    (r"Not a date and time.*", Words(fr="Une date et une heure, s’il vous plaît.", en="A date and a time, please.")),
    (
        r"Must be greater than or equal to (?P<least>-?\d+) and less than or equal to (?P<most>-?\d+)\.",
        Words(fr="De {least:n} à {most:n}.", en="From {least:n} to {most:n}."),
    ),
    (r"Must be greater than or equal to (?P<least>-?\d+)\.", Words(fr="Au moins {least:n}.", en="At least {least:n}.")),
    (r"Must be less than or equal to (?P<most>-?\d+)\.", Words(fr="Au plus {most:n}.", en="At most {most:n}.")),
    (
        r"Longer than maximum length (?P<most>\d+)\.",
        Words(fr="{most:n} caractères au plus.", en="At most {most:n} characters."),
    ),
    (
        r"Length must be between 1 and (?P<most>\d+)\.",
        Words(fr="De 1 à {most:n} caractères.", en="From 1 to {most:n} characters."),
    ),
    (
        r"Length must be between (?P<least>\d+) and (?P<most>\d+)\.",
        Words(fr="De {least:n} à {most:n}.", en="From {least:n} to {most:n}."),
    ),
    (r"Must be one of:.*|Not a valid choice.*", Words(fr="Choisissez dans la liste.", en="Choose from the list.")),
    (
        r"Must be lower-case letters, digits.*",
        Words(
            fr="Des minuscules sans accent, des chiffres et des tirets simples : « matinale-chat ».",
            en="Lower-case letters, digits and single dashes: “morning-chat”.",
        ),
    ),
    (
        r"Must not contain control characters\.",
        Words(fr="Un caractère n’est pas permis.", en="A character is not allowed."),
    ),
    (r"Not valid Unicode.*", Words(fr="Un caractère n’est pas permis.", en="A character is not allowed.")),
    (r"At least one is needed\.", Words(fr="Il en faut au moins un.", en="At least one is needed.")),
    (r"Unknown field\.", Words(fr="Ce champ n’existe pas.", en="There is no such field.")),
    (
        r"Must be later than \w+\.",
        Words(fr="La fin doit venir après le début.", en="The end must come after the start."),
    ),
    (
        r"Needs per_fan_limit\.",
        Words(fr="Il faut aussi dire combien par fan.", en="Say how many for one fan too."),
    ),
    (r"Must be after from\.", Words(fr="La fin doit venir après le début.", en="The end must come after the start.")),
    (r"Must be a time of day.*", Words(fr="Une heure, de 00:00 à 23:59.", en="A time of day, from 00:00 to 23:59.")),
    (r"Not a valid (email|mail) address\.", Words(fr="Ce n’est pas une adresse.", en="That is not an address.")),
    (r"Must not be in the future\.", Words(fr="Pas de date à venir.", en="No date to come.")),
    (r"Must be between 1970 and 9997\.", Words(fr="Entre 1970 et 9997.", en="Between 1970 and 9997.")),
    (r"Must be a day of this month\.", Words(fr="Ce mois n’a pas ce jour.", en="This month has no such day.")),
    (r"Not an amount.*", Words(fr="Un nombre, par exemple 0,01.", en="A number, such as 0.01.")),
    (r"Not between 0 and (?P<most>\d+)\.", Words(fr="De 0 à {most:n}.", en="From 0 to {most:n}.")),
    (r"Must match .*", Words(fr="Ce n’est pas sous la forme attendue.", en="It does not have the expected form.")),
)


def told(said: str, language: str) -> str:
    """One complaint in words; what we have none for stays as it is."""
    for pattern, words in _SAID:
        matched = re.fullmatch(pattern, said, re.DOTALL)
        if matched:
            return words.say(language, **{name: int(value) for name, value in matched.groupdict().items()})
    return said


def each(found: Any) -> list[Any]:
    """Every complaint about one field, however deep the library put it."""
    if isinstance(found, dict):
        return [inner for value in found.values() for inner in each(value)]
    if isinstance(found, (list, tuple)):
        return [inner for value in found for inner in each(value)]
    return [found]
