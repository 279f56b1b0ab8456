"""Two fans turn out to be one person: everything of the one becomes the other's, and no old entry is touched."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.access import sessions
from loyalty.activities.fact import OWN_NETWORK, ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.fans import consents, disputes
from loyalty.fans.merge import Kept, MergedElsewhere, SameFan
from loyalty.fans.register import get_fan
from loyalty.fans.tables import Fan
from loyalty.flows.adjust import adjust_points
from loyalty.flows.answer import answer
from loyalty.flows.cancel import cancel
from loyalty.flows.contest import contest
from loyalty.flows.earn import earn
from loyalty.flows.erase import erase_fan
from loyalty.flows.link import link, register
from loyalty.flows.merge_fans import Merged, merge_fans
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.flows.void_animation import void_animation
from loyalty.ledger import find as ledger
from loyalty.ledger.find import Balance
from loyalty.staff import audit
from loyalty.vouchers import find as vouchers
from tests.cast import MORNING, ODILE, chat, ines, rule
from tests.makers.animations import CODE, open_code, pay_codes
from tests.makers.moment import station_at
from tests.makers.rewards import coffee

AT = MORNING + timedelta(hours=1)


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, AT):
        yield


def second(db: Database, **named: str) -> Fan:
    """The same Ines, who came a second time with her other address."""
    return register(db, display_name="Nès", email="ines@work.example", actor=ODILE, **named)


def merge(db: Database, source: Fan, target: Fan, **kept: bool) -> Merged:
    return merge_fans(
        db, source_id=source.id, target_id=target.id, kept=Kept(**kept), reason="Same person", actor=ODILE
    )


def give(db: Database, fan: Fan, points: int, *, key: int = 1) -> None:
    adjust_points(db, fan_id=fan.id, amount=points, reason="a gift", actor=ODILE, key=key)


def balance(db: Database, fan: Fan) -> Balance:
    return db.read(lambda session: ledger.balance(session, fan.id, now=clock.now()))


def test_points_move_lot_by_lot_and_old_entries_stay(db: Database) -> None:
    one, other = ines(db), second(db)
    give(db, one, 30)
    with clock.running_on(clock.stopped_at(AT - timedelta(days=60))):
        give(db, other, 20, key=2)
    before = db.read(lambda session: session.execute(sa.text("SELECT id, amount FROM entry ORDER BY id")).all())
    assert merge(db, other, one) == Merged(points=20)
    assert [lot.points for lot in balance(db, one).lots] == [20, 30]
    assert balance(db, other).points == 0
    after = db.read(lambda session: session.execute(sa.text("SELECT id, amount FROM entry ORDER BY id")).all())
    assert after[: len(before)] == before


def test_merging_again_changes_nothing(db: Database) -> None:
    one, other = ines(db), second(db)
    give(db, other, 20)
    merge(db, other, one)
    assert merge(db, other, one) == Merged(is_new=False)
    assert balance(db, one).points == 20


def test_neither_a_fan_with_itself_nor_one_merged_elsewhere(db: Database) -> None:
    one, other, third = ines(db), second(db), register(db, actor=ODILE)
    merge(db, other, one)
    with pytest.raises(SameFan):
        merge(db, one, one)
    for source, target in ((other, third), (one, other)):
        with pytest.raises(MergedElsewhere):
            merge(db, source, target)
    with pytest.raises(NotFound):
        merge_fans(db, source_id=1, target_id=one.id, kept=Kept(), reason="x", actor=ODILE)


def test_a_merged_fan_is_found_no_more_and_its_sessions_end(db: Database) -> None:
    one, other = ines(db), second(db)
    token = db.write(lambda session: sessions.begin(session, kind=sessions.FAN, subject_id=other.id, agent=None))
    merge(db, other, one)
    with pytest.raises(NotFound):
        db.read(lambda session: get_fan(session, other.id))
    assert db.read(lambda session: sessions.find(session, kind=sessions.FAN, token=token)) is None


def test_late_acts_of_either_land_on_the_one_fan_and_caps_are_not_doubled(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 25}})
    one, other = ines(db), second(db)
    link(db, fan_id=other.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1)], source="hook")
    merge(db, other, one)
    by_number = ActivityFact(
        network=OWN_NETWORK, actor=str(other.id), kind="live_chat", object="studio", external_id="late"
    )
    outcomes = earn(db, [chat(2), by_number], source="hook")
    assert [each.points for each in outcomes] == [10, 5]
    assert balance(db, one).points == 25


def test_what_is_taken_back_later_is_taken_from_the_one_fan(db: Database) -> None:
    rule(db)
    one, other = ines(db), second(db)
    link(db, fan_id=other.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1)], source="hook")
    merge(db, other, one)
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="hook")
    assert (balance(db, one).points, balance(db, one).debt) == (0, 0)


def test_a_debt_moves_and_is_paid_from_what_the_other_has(db: Database) -> None:
    rule(db)
    one, other = ines(db), second(db)
    link(db, fan_id=other.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1)], source="hook")
    give(db, other, -10)
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="hook")
    give(db, one, 50, key=2)
    merge(db, other, one)
    assert (balance(db, one).points, balance(db, one).debt, balance(db, other).debt) == (40, 0, 0)


def test_a_voucher_becomes_the_other_fans_and_cancelling_it_gives_the_points_to_them(db: Database) -> None:
    coffee(db, per_fan_limit=1)
    one, other = ines(db), second(db)
    give(db, other, 100)
    redeemed = redeem(db, fan_id=other.id, reward_slug="coffee")
    assert merge(db, other, one).vouchers == 1
    assert [each.id for each, _ in db.read(lambda session: vouchers.of_fan(session, one.id))] == [redeemed.voucher.id]
    for _ in range(2):
        cancelled = cancel(db, redemption_id=redeemed.redemption.id, fan_id=one.id, actor=ODILE, reason="wish")
        assert cancelled.balance == 100
    assert (balance(db, one).points, balance(db, other).points) == (100, 0)


def test_a_limit_per_fan_counts_what_both_redeemed(db: Database) -> None:
    coffee(db, per_fan_limit=1)
    one, other = ines(db), second(db)
    give(db, other, 100)
    give(db, one, 100, key=2)
    redeem(db, fan_id=other.id, reward_slug="coffee")
    merge(db, other, one)
    with pytest.raises(Exception, match="limit_reached"):
        redeem(db, fan_id=one.id, reward_slug="coffee")


def test_names_are_released_unless_they_are_kept(db: Database) -> None:
    one, other = ines(db), second(db, reference="badge-7")
    merge(db, other, one, reference=True)
    kept, gone = db.read(lambda session: (session.get_one(Fan, one.id), session.get_one(Fan, other.id)))
    assert (kept.email, kept.reference, kept.display_name) == ("ines@example.org", "badge-7", "Inès")
    assert (gone.email, gone.reference, gone.display_name, gone.merged_into) == (None, None, None, one.id)
    assert second(db).email == "ines@work.example", "the address is free again"


def test_what_the_other_had_no_value_for_is_taken_over(db: Database) -> None:
    one, other = register(db, actor=ODILE), second(db)
    merge(db, other, one)
    kept = db.read(lambda session: session.get_one(Fan, one.id))
    assert (kept.email, kept.display_name) == ("ines@work.example", "Nès")


def test_questions_and_consents_come_along_and_leave_with_the_fan(db: Database) -> None:
    rule(db)
    one, other = ines(db), second(db)
    link(db, fan_id=other.id, network="twitch", external_id="tw-ines", actor=ODILE)
    (outcome,) = earn(db, [chat(1)], source="hook")
    contest(db, fan_id=other.id, about="activity", about_id=outcome.activity_id or 0, text="Only ten?")
    db.write(lambda session: consents.answer(session, fan_id=other.id, purpose=consents.NEWSLETTER, given=True))
    merge(db, other, one)
    assert [each.text for each in db.read(lambda session: disputes.of_fan(session, one.id))] == ["Only ten?"]
    assert db.read(lambda session: consents.has_given(session, one.id, consents.NEWSLETTER))
    erase_fan(db, fan_id=one.id, actor=ODILE)
    left = db.read(lambda session: session.execute(sa.text("SELECT external_id FROM identity")).scalars().all())
    assert all(each.startswith("erased:") for each in left)


def test_one_part_an_animation_is_kept_and_voiding_takes_back_what_both_earned(db: Database) -> None:
    pay_codes(db)
    open_code(db, starts_at=AT - timedelta(minutes=1))
    open_code(db, slug="soir", starts_at=AT - timedelta(minutes=1))
    one, other = ines(db), second(db)
    for slug, who in (("matinale", other), ("soir", one), ("soir", other)):
        answer(db, slug, fan_id=who.id, said=CODE)
    merge(db, other, one)
    query = "SELECT count(*) FROM animation_part WHERE fan_id = :fan"
    assert db.read(lambda session: session.execute(sa.text(query), {"fan": one.id}).scalar()) == 2
    assert balance(db, one).points > 0
    for slug in ("matinale", "soir"):
        void_animation(db, slug, actor=ODILE, reason="It leaked")
    assert balance(db, one).points == 0


def test_who_was_merged_into_the_one_follows_when_that_one_is_merged(db: Database) -> None:
    one, other, third = ines(db), second(db), register(db, actor=ODILE)
    give(db, third, 10)
    merge(db, third, other)
    merge(db, other, one)
    assert db.read(lambda session: session.get_one(Fan, third.id)).merged_into == one.id
    assert balance(db, one).points == 10


def test_a_merger_leaves_one_record_without_names(db: Database) -> None:
    one, other = ines(db), second(db)
    give(db, other, 20)
    merge(db, other, one, email=True)
    records = db.read(lambda session: audit.find(session, limit=10, action="fan.merged"))
    assert [(each.actor, each.subject, each.reason) for each in records] == [(ODILE, f"fan:{one.id}", "Same person")]
    (record,) = records
    assert record.before is not None and record.before["source"]["points"] == 20
    assert record.after is not None and record.after["target"]["points"] == 20
    assert "example" not in str(record.before) + str(record.after)
