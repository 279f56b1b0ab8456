"""Why an animation cannot be opened, or an answer is not taken."""

from loyalty.errors import Conflict, NotFound, Refused
from loyalty.i18n import Words


class AnimationNotFound(NotFound):
    """No animation has this slug, or it is not to be seen."""

    code = "animation_not_found"
    words = Words(fr="Animation introuvable : {slug}.", en="No such animation: {slug}.")


class AnimationExists(Conflict):
    """Another animation has this slug."""

    code = "animation_exists"
    words = Words(fr="Une animation s’appelle déjà « {slug} ».", en="There is already an animation “{slug}”.")


class NotOpenYet(Refused):
    """It starts later; whether the answer was right is not said."""

    code = "not_open_yet"
    status = 409
    words = Words(
        fr="Pas si vite : ce n’est pas encore ouvert. Réessayez pendant l’émission.",
        en="Not so fast: this is not open yet. Try again during the show.",
    )


class AnimationOver(Refused):
    """It has ended, or was closed; whether the answer was right is not said."""

    code = "animation_over"
    status = 409
    words = Words(
        fr="C’est terminé depuis le {ended_at:moment}. À la prochaine fois !",
        en="This ended on {ended_at:moment}. See you next time!",
    )


class NoAttemptsLeft(Refused):
    """The fan has tried as often as one may in this animation."""

    code = "no_attempts_left"
    status = 409
    words = Words(
        fr="Vous avez utilisé vos {attempts:n} {attempts:essai|essais} pour cette fois.",
        en="You have used your {attempts:n} {attempts:attempt|attempts} for this time.",
    )


class AlreadyAnswered(Refused):
    """The fan's answer is in; there is one for each fan."""

    code = "already_answered"
    status = 409
    words = Words(
        fr="Vous avez déjà répondu le {answered_at:moment} ; une réponse compte par personne.",
        en="You already answered on {answered_at:moment}; one answer counts for each person.",
    )


class AnswerInReview(AlreadyAnswered):
    """The fan's answer is in, and being looked at."""

    code = "answer_in_review"
    words = Words(
        fr="Vous avez déjà répondu le {answered_at:moment} ; votre réponse est en cours de vérification.",
        en="You already answered on {answered_at:moment}; your answer is being checked.",
    )


class AnswerNotKept(AlreadyAnswered):
    """The fan's answer was looked at and not kept; the reason is told."""

    code = "answer_not_kept"
    words = Words(
        fr="Votre réponse du {answered_at:moment} n’a pas été retenue : {reason}",
        en="Your answer of {answered_at:moment} was not kept: {reason}",
    )
