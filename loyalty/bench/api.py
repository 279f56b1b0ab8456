"""Single acts through the whole HTTP API, by callers at once, beside one bare insert a transaction by as many.

The client stands on the same machine and takes its share of it: the seconds its processor worked, spread over the
machine's cores, are taken off. Where a machine has idle cores that takes off too little, never too much.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial

from loyalty.activities.fact import ActivityFact
from loyalty.bench.client import request, send
from loyalty.bench.crowd import ACTOR, Crowd
from loyalty.bench.figure import Figure
from loyalty.bench.floor import Floor
from loyalty.bench.pages import new_settings
from loyalty.bench.served import served
from loyalty.bench.singles import CALLERS, lines
from loyalty.bench.turns import Pace, take_turns, timed
from loyalty.flows.manage_keys import make_key

_RECORDED = {"200", "201"}  # an act sent twice was recorded before


def measure(crowd: Crowd, floor: Floor, *, rounds: int, calls: int) -> Iterator[Figure]:
    """By 1, 8 and 64 callers; `calls` of each way and round by each 8 callers.

    Raises:
        AssertionError: an act was not recorded.
    """
    key = make_key(crowd.db, name=ACTOR, scopes_wanted=["activities:write"], actor=ACTOR).token
    with served(new_settings(crowd.db.url), workers=1) as (port, _):
        send(port, [_said(fact, key) for fact in crowd.facts(20)], connections=2)  # warm
        for callers in CALLERS:
            count = calls * max(1, callers // 8)
            ways = {
                "insert": partial(timed, floor.one_row, range(count), callers=callers),
                "ours": partial(_ours, crowd, port, key, count, callers),
            }
            yield from lines(take_turns(ways, rounds=rounds), "acts through the HTTP API", callers)


def _ours(crowd: Crowd, port: int, key: str, count: int, callers: int) -> Pace:
    sent = send(port, [_said(fact, key) for fact in crowd.facts(count)], connections=callers)
    assert sent.answers.keys() <= _RECORDED, f"not all were recorded: {sent.answers}"
    without_client = sent.seconds - sent.processor / (os.cpu_count() or 1)
    return Pace(per_second=count / without_client, took=sent.took)


def _said(fact: ActivityFact, key: str) -> bytes:
    assert fact.happened_at is not None, "the crowd says when"
    body = {
        "network": fact.network,
        "actor": fact.actor,
        "kind": fact.kind,
        "object": fact.object,
        "id": fact.external_id,
        "happened_at": fact.happened_at.isoformat(),
    }
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return request("POST", "/api/v1/activities", headers, json.dumps(body))
