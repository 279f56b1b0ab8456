"""A draft waits for somebody else: it is published once, on what it was written over, or discarded."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import Invalid, NotFound
from loyalty.flows.draft_rules import discard_draft, publish_draft, save_draft
from loyalty.flows.manage_rules import ScheduledMeanwhile, apply_rule, list_rules, show_rule
from loyalty.rules import drafts
from loyalty.rules.policy import ForbiddenByNetwork
from loyalty.rules.revise import RuleChangedMeanwhile
from loyalty.staff import audit
from tests.cast import MORNING, ODILE, open_station
from tests.makers.judging import body

NADIA = "staff:nadia@lumiere.example"
CHAT = {"all": [{"kind": {"one_of": ["live_chat"]}}, {"network": {"one_of": ["twitch"]}}]}


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


def chat(points: int = 10, **parts: object) -> dict[str, object]:
    return body(when=CHAT, earn={"fixed": points}, **parts)


def drafted(db: Database, points: int = 20, *, based_on: int = 1) -> int:
    return save_draft(db, slug="chat", body=chat(points), based_on=based_on, note="Pour le match", actor=NADIA).id


def actions(db: Database) -> list[tuple[str, str]]:
    return [(each.action, each.actor) for each in db.read(lambda session: audit.find(session, limit=9))]


def test_a_draft_changes_nothing_until_somebody_publishes_it(db: Database) -> None:
    apply_rule(db, slug="chat", body=chat(), actor=ODILE)
    draft_id = drafted(db)
    assert show_rule(db, "chat").latest.number == 1
    assert [each.id for each in db.read(drafts.waiting)] == [draft_id]
    applied = publish_draft(db, draft_id, actor=ODILE, reason="Bonne idée")
    latest = show_rule(db, "chat").latest
    assert (applied.number, latest.body["earn"]) == (2, {"fixed": 20})
    assert (latest.created_by, latest.reason) == (ODILE, "Bonne idée")
    assert db.read(drafts.waiting) == []
    assert actions(db) == [
        ("rule.draft_published", ODILE), ("rule.revised", ODILE), ("rule.drafted", NADIA), ("rule.made", ODILE),
    ]  # fmt: skip


def test_a_draft_may_be_of_a_new_rule(db: Database) -> None:
    publish_draft(db, drafted(db, based_on=0), actor=ODILE, reason="Go")
    assert [each.slug for each in list_rules(db)] == ["chat"]


def test_a_rule_that_changed_meanwhile_is_not_overwritten_and_the_draft_still_waits(db: Database) -> None:
    apply_rule(db, slug="chat", body=chat(), actor=ODILE)
    draft_id = drafted(db)
    apply_rule(db, slug="chat", body=chat(15), actor=ODILE)
    with pytest.raises(RuleChangedMeanwhile):
        publish_draft(db, draft_id, actor=ODILE, reason="Go")
    assert [each.id for each in db.read(drafts.waiting)] == [draft_id]
    assert show_rule(db, "chat").latest.body["earn"] == {"fixed": 15}


def test_a_draft_is_decided_once(db: Database) -> None:
    draft_id = drafted(db, based_on=0)
    discard_draft(db, draft_id, actor=ODILE, reason="Trop généreux")
    assert actions(db)[0] == ("rule.draft_discarded", ODILE)
    for again in (discard_draft, publish_draft):
        with pytest.raises(drafts.DraftDecided):
            again(db, draft_id, actor=ODILE, reason="Go")
    kept = db.read(lambda session: drafts.draft(session, draft_id))
    assert (kept.decision, kept.decided_by, kept.body["earn"]) == ("discarded", ODILE, {"fixed": 20})
    assert list_rules(db) == []


def test_what_a_network_forbids_may_be_drafted_and_not_published(db: Database) -> None:
    forbidden = body(when={"network": {"one_of": ["linkedin"]}})
    draft_id = save_draft(db, slug="linkedin", body=forbidden, based_on=0, note=None, actor=NADIA).id
    with pytest.raises(ForbiddenByNetwork):
        publish_draft(db, draft_id, actor=ODILE, reason="Go")
    assert list_rules(db) == []


def test_nonsense_is_no_draft(db: Database) -> None:
    with pytest.raises(Invalid):
        save_draft(db, slug="chat", body={}, based_on=0, note=None, actor=NADIA)
    with pytest.raises(NotFound):
        publish_draft(db, 7, actor=ODILE, reason="Go")


def test_an_edit_says_so_before_it_replaces_what_is_planned(db: Database) -> None:
    apply_rule(db, slug="chat", body=chat(), actor=ODILE)
    tomorrow, next_week = MORNING + timedelta(days=1), MORNING + timedelta(days=7)
    apply_rule(db, slug="chat", body=chat(50), actor=ODILE, in_force_from=tomorrow)
    with pytest.raises(ScheduledMeanwhile) as refused:
        apply_rule(db, slug="chat", body=chat(15), actor=ODILE, may_replace_scheduled=False)
    assert refused.value.holes == {"number": 2, "at": tomorrow}
    apply_rule(db, slug="chat", body=chat(60), actor=ODILE, in_force_from=next_week, may_replace_scheduled=False)
    apply_rule(db, slug="chat", body=chat(15), actor=ODILE)
    assert show_rule(db, "chat").scheduled(MORNING) == []
    apply_rule(db, slug="chat", body=chat(16), actor=ODILE, may_replace_scheduled=False)
    assert show_rule(db, "chat").in_force(next_week).number == 5  # type: ignore[union-attr]
