"""What may be refused about an upload that is meant to be a picture."""

from loyalty.errors import Refused
from loyalty.i18n import Words


class NotAPicture(Refused):
    """The bytes are no JPEG, PNG or WebP, or one that is broken."""

    code = "not_a_picture_file"
    words = Words(
        fr="Ce fichier n’est pas une image que nous savons lire : JPEG, PNG ou WebP.",
        en="This file is not a picture that we can read: JPEG, PNG or WebP.",
    )


class Moves(Refused):
    """The picture is an animation."""

    code = "picture_moves"
    words = Words(fr="Cette image est animée : choisissez-en une fixe.", en="This picture moves: choose a still one.")


class TooHeavy(Refused):
    """The file has more bytes than we take."""

    code = "picture_too_heavy"
    status = 413
    words = Words(
        fr="Cette image pèse trop lourd : {megabytes:n} Mo au plus. Rien n’a changé.",
        en="This picture is too heavy: {megabytes:n} MB at most. Nothing was changed.",
    )


class TooManyPixels(Refused):
    """The picture is wider and taller than we draw."""

    code = "picture_too_large"
    words = Words(
        fr="Cette image est trop grande : {megapixels:n} millions de pixels au plus.",
        en="This picture is too large: {megapixels:n} million pixels at most.",
    )
