"""Where people took part: on air, on the station's own pages, or elsewhere. The one place that says which is which."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from loyalty.activities.fact import OWN_NETWORK
from loyalty.i18n import Words

ON_AIR, OWN, ELSEWHERE = "on_air", "own", "elsewhere"
ORIGINS = (ON_AIR, OWN, ELSEWHERE)
_ON_AIR_KINDS = ("onair_code",)  # said on air, whatever page or chat it was typed in

NAMES = {
    ON_AIR: Words(fr="À l’antenne", en="On air"),
    OWN: Words(fr="Pages de la station", en="The station’s pages"),
    ELSEWHERE: Words(fr="Autres réseaux", en="Other networks"),
}


def origin_of(activity: sa.Table) -> sa.ColumnElement[Any]:
    """The origin of each row of the activities."""
    return sa.case(
        (activity.c.kind.in_(_ON_AIR_KINDS), sa.literal(ON_AIR)),
        (activity.c.network == OWN_NETWORK, sa.literal(OWN)),
        else_=sa.literal(ELSEWHERE),
    )
