"""One call of each flow that writes, on the station; what has none is in untried.py."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from loyalty import clock, ids
from loyalty.activities.fact import OWN_NETWORK, ActivityFact, WithdrawnFact
from loyalty.animations.schema import OpenSchema
from loyalty.db import Database
from loyalty.fans.merge import Kept
from loyalty.flows import (
    activate,
    adjust,
    animate,
    annul_scan,
    answer,
    approve,
    cancel,
    change_expiry,
    change_programme,
    close_month,
    contest,
    count_days,
    deliver,
    draft_rules,
    earn,
    enrol,
    erase,
    expire,
    expire_vouchers,
    export_on_request,
    forget_inactive,
    hold,
    import_file,
    limit,
    link,
    link_code,
    make_amends,
    manage_fan,
    manage_keys,
    manage_partners,
    manage_programme,
    manage_rewards,
    manage_rules,
    manage_shows,
    manage_sources,
    manage_staff,
    manage_tiers,
    manage_vouchers,
    merge_fans,
    move_stock,
    once,
    propose_movement,
    redeem,
    reverse,
    review,
    review_tiers,
    scan,
    seal,
    send_mail,
    sign_in,
    staff_access,
    tell_expiry,
    transfer,
    unlink,
    upload_import,
    verify,
    void_animation,
    withdraw_activity,
    work_uploads,
)
from loyalty.gateways.mail import MailServer
from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import open_csv
from loyalty.intake.errors_file import ErrorsFile
from loyalty.ledger.checkpoint import SigningKey
from loyalty.ledger.months import month_of
from loyalty.programme.expiry import Fixed
from loyalty.rewards.schema import RewardSchema
from loyalty.tiers import due
from tests.cast import ODILE, chat
from tests.faults.station import AGENT, CSV, NADIA, NOW, PUBLIC_URL, SEALER, SECRET_KEY, Station, sent
from tests.makers import judging
from tests.makers.animations import AIR, CODE
from tests.makers.vouchers import KEYS

Scenario = Callable[[Database, Station], Any]
WHY: dict[str, Any] = {"actor": ODILE, "reason": "pour voir"}
ATTEMPT = staff_access.Attempt(network_address="203.0.113.9", agent=None)
LATER = timedelta(days=400)
PARIS = ZoneInfo("Europe/Paris")
NEXT_SUMMER = Fixed(month=6, day=30)


class Mailbox(MailServer):
    """A mail server that takes everything."""

    @contextmanager
    def connected(self) -> Any:
        yield None

    def send(self, server: Any, **mail: Any) -> None:
        """Take it."""


def at(after: timedelta, act: Scenario) -> Scenario:
    """The same, so much later."""

    def then(db: Database, station: Station) -> Any:
        with clock.running_on(clock.stopped_at(clock.now() + after)):
            return act(db, station)

    return then


def in_few_buckets(reader: Any, act: Scenario) -> Scenario:
    """The same, where `reader` reads that there are only the buckets of the cast: the others have nothing to do."""

    def then(db: Database, station: Station) -> Any:
        buckets = sorted({ids.bucket_of(fan_id) for fan_id in (station.ines, station.marc)})
        with patch.object(reader, "every_bucket", lambda session: buckets):
            return act(db, station)

    return then


def on_file(db: Database, station: Station) -> list[Any]:
    """Import the file as the command line does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(CSV)
        source = open_csv(path, Choices())
        errors = ErrorsFile(path.with_suffix(".errors"), header=source.columns.kept, separator=source.separator)
        return list(import_file.import_file(db, source, errors, actor=ODILE))


def member_of(station: Station, **changed: Any) -> Any:
    """The account as its pages know it."""
    whole = {"session_id": 1, "account_id": station.member.id, "email": station.member.email}
    return SimpleNamespace(**whole, has_second_factor=True, **changed)


def once_redeemed(db: Database, station: Station) -> Any:
    """A redemption under a key, as the API does it."""
    return once.once(
        db,
        credential="a",
        key="k-1",
        fingerprint="f",
        run=lambda joined: redeem.redeem(joined, fan_id=station.marc, reward_slug="coffee"),
        render=lambda redeemed: (201, f'"{redeemed.redemption.id}"'),
    )


def voided_and_no_more(db: Database, station: Station) -> None:
    """An animation that paid is voided, by somebody who dies before anything is taken back."""
    answer.answer(db, "matinale", fan_id=station.ines, said=CODE)
    with patch.object(void_animation, "_take_back"):
        void_animation.void_animation(db, "matinale", **WHY)


SCENARIOS: dict[str, Scenario] = {
    "activate.activate_points": at(LATER, lambda db, s: activate.activate_points(db)),
    "adjust.adjust_points": lambda db, s: adjust.adjust_points(db, fan_id=s.ines, amount=-20, key=7, **WHY),
    "animate.open_animation": lambda db, s: animate.open_animation(
        db,
        OpenSchema().load(
            {
                "kind": "on_air_code",
                "slug": "soir",
                "show": "la-matinale",
                "starts_at": (AIR + timedelta(hours=9)).isoformat(),
                "minutes": 5,
                "solution": {"code": "Lune 3"},
            }
        ),
        actor=ODILE,
    ),
    "animate.close_animation": lambda db, s: animate.close_animation(db, "matinale", **WHY),
    "annul_scan.annul_scan": lambda db, s: annul_scan.annul_scan(db, redemption_id=s.used, scan_id=s.scan, **WHY),
    "answer.answer": lambda db, s: answer.answer(db, "matinale", fan_id=s.ines, said=CODE),
    "approve.approve": lambda db, s: approve.approve(db, approval_id=s.approval, actor=ODILE),
    "approve.refuse": lambda db, s: approve.refuse(db, approval_id=s.approval, actor=ODILE, because="non"),
    "cancel.cancel": lambda db, s: cancel.cancel(db, redemption_id=s.issued, **WHY),
    "change_expiry.change_expiry": lambda db, s: change_expiry.change_expiry(db, NEXT_SUMMER, applies=True, **WHY),
    "change_expiry.apply_expiry": lambda db, s: change_expiry.apply_expiry(db),
    "change_programme.change_programme": lambda db, s: change_programme.change_programme(db, {"name": "Radio"}, **WHY),
    "change_programme.change_waiting": lambda db, s: change_programme.change_waiting(db, "kind:vote", 48, **WHY),
    "close_month.close_month": at(
        LATER,
        in_few_buckets(
            close_month, lambda db, s: close_month.close_month(db, month_of(NOW, PARIS), actor=ODILE, reason="fin")
        ),
    ),
    "contest.contest": lambda db, s: contest.contest(
        db, fan_id=s.twin, about="activity", about_id=s.twin_act, text="Et mes points ?"
    ),
    "contest.answer_dispute": lambda db, s: contest.answer_dispute(db, s.dispute, answer="Oui.", actor=ODILE),
    "count_days.count_days": at(timedelta(days=2), lambda db, s: count_days.count_days(db)),
    "deliver.deliver_due": lambda db, s: deliver.deliver_due(db),
    "draft_rules.save_draft": lambda db, s: draft_rules.save_draft(
        db, slug="other", body=judging.body(), based_on=0, note=None, actor=NADIA
    ),
    "draft_rules.publish_draft": lambda db, s: draft_rules.publish_draft(db, s.draft, **WHY),
    "draft_rules.discard_draft": lambda db, s: draft_rules.discard_draft(db, s.draft, **WHY),
    "earn.earn": lambda db, s: earn.earn(
        db, [chat(number, actor=f"tw-{number % 4}") for number in range(20, 26)], source="test"
    ),
    "earn.earn_one": lambda db, s: earn.earn_one(
        db,
        ActivityFact(network=OWN_NETWORK, actor=str(s.ines), kind="live_chat", object="studio", external_id="one"),
        source="test",
    ),
    "enrol.enrol": lambda db, s: enrol.enrol(db, code=s.enrolment, name="Caisse 2", network_address="203.0.113.9"),
    "erase.erase_fan": lambda db, s: erase.erase_fan(db, fan_id=s.ines, **WHY),
    "expire.expire_points": at(LATER, lambda db, s: expire.expire_points(db)),
    "expire_vouchers.expire_vouchers": at(LATER, lambda db, s: expire_vouchers.expire_vouchers(db)),
    "export_on_request.export_on_request": lambda db, s: export_on_request.export_on_request(db, fan_id=s.ines, **WHY),
    "forget_inactive.forget_inactive": at(LATER * 4, lambda db, s: forget_inactive.forget_inactive(db)),
    "hold.authorise": lambda db, s: hold.authorise(db, fan_id=s.marc, amount=50, purpose="Un concert", actor=ODILE),
    "hold.capture": lambda db, s: hold.capture(db, fan_id=s.ines, hold_id=s.hold, amount=30, final=True, actor=ODILE),
    "hold.release": lambda db, s: hold.release(db, fan_id=s.ines, hold_id=s.hold, actor=ODILE),
    "hold.release_holds": at(LATER, lambda db, s: hold.release_holds(db)),
    "import_file.import_file": on_file,
    "limit.count_failure": lambda db, s: limit.count_failure(db, limit.CREDENTIALS, "203.0.113.9"),
    "link.register": lambda db, s: link.register(db, reference="new", display_name="Nour", actor=ODILE),
    "link.link": lambda db, s: link.link(db, fan_id=s.marc, network="twitch", external_id="tw-3", actor=ODILE),
    "link_code.show_link_code": lambda db, s: link_code.show_link_code(db, s.marc),
    "link_code.listen": lambda db, s: link_code.listen(db, [chat(3, actor="tw-3", text=s.linking.code)]),
    "make_amends.answer_with_amends": lambda db, s: make_amends.answer_with_amends(
        db, s.dispute, answer="Oui.", amends=make_amends.Amends(amount=5, reason="geste", key=8), actor=ODILE
    ),
    "manage_fan.change_profile": lambda db, s: manage_fan.change_profile(
        db, fan_id=s.ines, display_name="Inès B.", language="en", newsletter=True
    ),
    "manage_keys.make_key": lambda db, s: manage_keys.make_key(
        db, name="other", scopes_wanted=["fans:read"], actor=ODILE
    ),
    "manage_keys.revoke_key": lambda db, s: manage_keys.revoke_key(db, prefix=s.key.split("_")[1], **WHY),
    "manage_keys.check_key": lambda db, s: manage_keys.check_key(db, s.key),
    "manage_partners.create_partner": lambda db, s: manage_partners.create_partner(
        db, slug="bar", name="Bar", actor=ODILE
    ),
    "manage_partners.archive_partner": lambda db, s: manage_partners.archive_partner(db, slug="cafe-lumiere", **WHY),
    "manage_partners.open_enrolment": lambda db, s: manage_partners.open_enrolment(
        db, partner_slug="cafe-lumiere", place_id=s.place, actor=ODILE
    ),
    "manage_partners.enrol": lambda db, s: manage_partners.enrol(db, code=s.enrolment, name="Caisse 2"),
    "manage_partners.revoke_device": lambda db, s: manage_partners.revoke_device(db, device_id=s.device.id, **WHY),
    "manage_partners.roll_credential": lambda db, s: manage_partners.roll_credential(
        db, device_id=s.device.id, actor=ODILE
    ),
    "manage_programme.add_show": lambda db, s: manage_programme.add_show(db, slug="midi", name="Midi", actor=ODILE),
    "manage_rewards.create_reward": lambda db, s: manage_rewards.create_reward(
        db,
        RewardSchema().load(
            {"slug": "tea", "name_fr": "Un thé", "name_en": "A tea", "cost_points": 9, "partner": "cafe-lumiere"}
        ),
        actor=ODILE,
    ),
    "manage_rewards.archive_reward": lambda db, s: manage_rewards.archive_reward(db, slug="coffee", **WHY),
    "manage_rules.apply_rule": lambda db, s: manage_rules.apply_rule(db, slug="chat", body=judging.body(), **WHY),
    "manage_rules.apply_rules": lambda db, s: manage_rules.apply_rules(
        db, {"version": 1, "rules": {"a": judging.body(), "b": judging.body()}}, **WHY
    ),
    "manage_shows.rename_show": lambda db, s: manage_shows.rename_show(db, slug="nuit", name="Nuits", actor=ODILE),
    "manage_shows.archive_show": lambda db, s: manage_shows.archive_show(db, slug="nuit", **WHY),
    "manage_sources.add_source": lambda db, s: manage_sources.add_source(
        db, SEALER, connector="webhook", slug="other", actor=ODILE
    ),
    "manage_sources.rotate_secret": lambda db, s: manage_sources.rotate_secret(
        db, SEALER, connector="webhook", slug="quiz", actor=ODILE
    ),
    "manage_sources.stop_source": lambda db, s: manage_sources.stop_source(
        db, SEALER, connector="webhook", slug="quiz", actor=ODILE
    ),
    "manage_staff.invite_staff": lambda db, s: manage_staff.invite_staff(
        db, email="b@lumiere.example", name="B", role="editor", public_url=PUBLIC_URL, actor=ODILE
    ),
    "manage_staff.change_role": lambda db, s: manage_staff.change_role(
        db, account_id=s.editor.id, role="counter", **WHY
    ),
    "manage_staff.disable_staff": lambda db, s: manage_staff.disable_staff(db, account_id=s.editor.id, **WHY),
    "manage_tiers.add_tier": lambda db, s: manage_tiers.add_tier(
        db, {"slug": "gold", "name_fr": "Or", "name_en": "Gold", "threshold": 90}, actor=ODILE
    ),
    "manage_tiers.change_tier": lambda db, s: manage_tiers.change_tier(
        db, slug="silver", said={"threshold": 25}, **WHY
    ),
    "manage_tiers.archive_tier": lambda db, s: manage_tiers.archive_tier(db, slug="silver", **WHY),
    "manage_vouchers.block_voucher": lambda db, s: manage_vouchers.block_voucher(db, redemption_id=s.issued, **WHY),
    "manage_vouchers.reissue_voucher": lambda db, s: manage_vouchers.reissue_voucher(db, redemption_id=s.issued, **WHY),
    "merge_fans.merge_fans": lambda db, s: merge_fans.merge_fans(
        db, source_id=s.twin, target_id=s.ines, kept=Kept(), **WHY
    ),
    "move_stock.receive": lambda db, s: move_stock.receive(db, reward_slug="coffee", quantity=3, donor="X", **WHY),
    "move_stock.move": lambda db, s: move_stock.move(db, "withdrawn", reward_slug="coffee", quantity=3, **WHY),
    "once.once": once_redeemed,
    "propose_movement.propose": lambda db, s: propose_movement.propose(
        db, kind="withdrawn", reward_slug="coffee", said={"quantity": 2, "lot_id": None}, **WHY
    ),
    "receive.receive": lambda db, s: sent(db, "m-2"),
    "redeem.redeem": lambda db, s: redeem.redeem(db, fan_id=s.marc, reward_slug="coffee"),
    "reverse.withdraw": lambda db, s: reverse.withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test"),
    "review.release": lambda db, s: review.release(db, "fuite", **WHY),
    "review.refuse": lambda db, s: review.refuse(db, "fuite", **WHY),
    "review_tiers.review_tiers": in_few_buckets(due, lambda db, s: review_tiers.review_tiers(db)),
    "scan.look": at(LATER, lambda db, s: scan.look(db, KEYS, device=s.device, text=s.token)),
    "scan.use": lambda db, s: scan.use(db, KEYS, device=s.device, text=s.token, nonce="second"),
    "scan.annul": lambda db, s: scan.annul(db, device=s.device, nonce="first", explanation="erreur"),
    "seal.seal_entries": lambda db, s: seal.seal_entries(db, SigningKey(SECRET_KEY)),
    "send_mail.send_due": lambda db, s: send_mail.send_due(db, Mailbox("smtp://mail.example", "club@example.org")),
    "sign_in.ask": lambda db, s: sign_in.ask(
        db,
        email="marc@example.org",
        language="fr",
        network_address="203.0.113.9",
        public_url=PUBLIC_URL,
        secret_key=SECRET_KEY,
    ),
    "sign_in.follow": lambda db, s: sign_in.follow(db, link=s.link, browser=s.asked.browser, code="", **AGENT),
    "sign_in.type_code": lambda db, s: sign_in.type_code(db, s.asked, code=s.code, **AGENT),
    "staff_access.accept_invitation": lambda db, s: staff_access.accept_invitation(
        db,
        s.invitation.rpartition("/")[2],
        chosen_password="un long mot de passe 93 nuages",
        language="fr",
        attempt=ATTEMPT,
    ),
    "staff_access.sign_in": lambda db, s: staff_access.sign_in(
        db, SEALER, email=s.member.email, given_password=s.member.password, code=s.member.code(), attempt=ATTEMPT
    ),
    "staff_access.prove": lambda db, s: staff_access.prove(db, SEALER, member_of(s), code=s.member.code()),
    "staff_access.renew_recovery_codes": lambda db, s: staff_access.renew_recovery_codes(db, member_of(s)),
    "tell_expiry.tell_expiry": at(timedelta(days=20), lambda db, s: tell_expiry.tell_expiry(db, public_url=PUBLIC_URL)),
    "transfer.transfer": lambda db, s: transfer.transfer(db, sender_id=s.ines, receiver_id=s.marc, amount=50),
    "transfer.show_give_code": lambda db, s: transfer.show_give_code(db, s.marc),
    "unlink.unlink": lambda db, s: unlink.unlink(db, fan_id=s.ines, network="twitch", external_id="tw-ines", **WHY),
    "upload_import.upload": lambda db, s: upload_import.upload(db, file_name="c.csv", body=CSV, actor=ODILE),
    "upload_import.choose": lambda db, s: upload_import.choose(
        db, s.to_confirm, choices=Choices(time_zone="Europe/Paris"), actor=ODILE
    ),
    "upload_import.confirm": lambda db, s: upload_import.confirm(db, s.to_confirm, actor=ODILE),
    "upload_import.cancel_upload": lambda db, s: upload_import.cancel_upload(db, s.to_confirm, **WHY),
    "verify.verify_and_keep": lambda db, s: verify.verify_and_keep(db),
    "void_animation.void_animation": lambda db, s: void_animation.void_animation(db, "fuite", **WHY),
    "void_animation.take_back_voided": lambda db, s: void_animation.take_back_voided(db),
    "withdraw_activity.withdraw_activity": lambda db, s: withdraw_activity.withdraw_activity(db, s.act, **WHY),
    "work_uploads.work_uploads": lambda db, s: work_uploads.work_uploads(db, seconds=60),
}

# What the station must have come to before, where no other flow could start from there.
BEFORE: dict[str, Scenario] = {
    "change_expiry.apply_expiry": SCENARIOS["change_expiry.change_expiry"],
    "void_animation.take_back_voided": voided_and_no_more,
}

# What was claimed when a call failed is due again when its lease is over.
AGAIN: dict[str, Scenario] = {
    each: at(timedelta(hours=1), SCENARIOS[each]) for each in ("deliver.deliver_due", "send_mail.send_due")
}
