"""The station of the rush: fans who are signed in, a code on air, a reward with few units, and what is asked of it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock, ids
from loyalty.access import sessions
from loyalty.access.tables import WebSession
from loyalty.animations.schema import OpenSchema
from loyalty.bench.client import request
from loyalty.bench.served import HOST
from loyalty.db import Database
from loyalty.fans.identities import OWN_NETWORK
from loyalty.fans.tables import Fan, Identity
from loyalty.flows.animate import open_animation
from loyalty.flows.manage_partners import create_partner
from loyalty.flows.manage_programme import set_up
from loyalty.flows.manage_rewards import create_reward
from loyalty.flows.manage_rules import apply_rule
from loyalty.flows.move_stock import receive
from loyalty.ledger.tables import Holder
from loyalty.programme.expiry import Rolling
from loyalty.web.fan_session import COOKIE

ACTOR, SLUG, _CODE = "bench", "rush", "tournesol 47"
_REWARD = {
    "slug": "mug",
    "name_fr": "Tasse",
    "name_en": "Mug",
    "cost_points": 10,
    "partner": "bench",
}
_RULE = {
    "name": {"fr": "Code", "en": "Code"},
    "class": "redeemable",
    "when": {"all": [{"kind": {"one_of": ["onair_code"]}}]},
    "earn": {"points": 1, "per": 1},
}


def make_station(db: Database, fans: int, units: int) -> dict[int, str]:
    """Returns the session tokens by fan."""
    set_up(db, name="Bench", time_zone="Europe/Paris", language="fr", expiry=Rolling(24), actor=ACTOR)
    apply_rule(db, slug="code", body=_RULE, actor=ACTOR, in_force_from=clock.now() - timedelta(days=1))
    create_partner(db, slug="bench", name="Bench", actor=ACTOR)
    create_reward(db, _REWARD, actor=ACTOR)
    receive(db, reward_slug="mug", quantity=units, donor=ACTOR, actor=ACTOR, reason=ACTOR)
    tokens = {fan_id: ids.secret() for fan_id in ids.many(fans)}
    db.write(lambda session: _let_in(session, tokens))
    said = {"kind": "on_air_code", "slug": SLUG, "starts_at": clock.now().isoformat(), "minutes": 60}
    open_animation(db, OpenSchema().load({**said, "solution": {"code": _CODE}}), actor=ACTOR)
    return tokens


def _let_in(session: Session, tokens: Mapping[int, str]) -> None:
    """Fans who signed in yesterday, set by set: one by one they would take longer than the rush."""
    now = clock.now()
    before, until = now - timedelta(days=1), now + timedelta(days=1)
    buckets = {each: ids.bucket_of(each) for each in tokens}
    bulk.insert(
        session,
        _table(Fan),
        ("id", "bucket", "language", "created_at"),
        [(each, bucket, "fr", now) for each, bucket in buckets.items()],
    )
    accounts = [
        (identity_id, OWN_NETWORK, str(each), each, buckets[each], each, now, now)
        for identity_id, each in zip(ids.many(len(tokens)), tokens, strict=True)
    ]
    columns = ("id", "network", "external_id", "holder_id", "bucket", "fan_id", "first_seen_at", "linked_at")
    bulk.insert(session, _table(Identity), columns, accounts)
    empty = [(each, bucket, 0, 0, 0, 0, now) for each, bucket in buckets.items()]
    bulk.insert(session, _table(Holder), ("id", "bucket", "balance", "held", "status", "debt", "created_at"), empty)
    open_now = [
        (session_id, sessions.FAN, each, sessions.digest(token), before, before, before, until)
        for session_id, (each, token) in zip(ids.many(len(tokens)), tokens.items(), strict=True)
    ]
    columns = ("id", "kind", "subject_id", "token_hash", "created_at", "proved_at", "last_seen_at", "expires_at")
    bulk.insert(session, _table(WebSession), columns, open_now)


def _table(model: Any) -> sa.Table:
    table: sa.Table = model.__table__
    return table


def forms(port: int, tokens: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """The anti-forgery cookie and field of a page, which is bound to a browser and not to a fan, over and over."""
    token = next(iter(tokens.values()))
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(request("GET", f"/play/{SLUG}", {"Cookie": f"{COOKIE}={token}", "Connection": "close"}))
        page = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    cookie = re.search(r"__Host-loyalty-form=([^;]+)", page)
    field = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert cookie and field, page[:500]
    while True:
        yield cookie[1], field[1]


def typed(token: str, form: tuple[str, str]) -> bytes:
    body = f"csrf_token={form[1]}&code={_CODE.replace(' ', '+')}"
    headers = {
        "Cookie": f"{COOKIE}={token}; __Host-loyalty-form={form[0]}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return request("POST", f"/play/{SLUG}", headers, body)


def redeemed(fan: int, key: str) -> bytes:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": f"rush-{fan}"}
    return request("POST", "/api/v1/redemptions", headers, json.dumps({"fan": str(fan), "reward": "mug"}))
