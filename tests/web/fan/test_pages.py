"""The fan's pages: what they show, to whom, and what they refuse; the numbers are those of the security checklist."""

import dataclasses
import json
import re

import pytest
import sqlalchemy as sa

from loyalty.activities.fact import WithdrawnFact
from loyalty.flows.earn import earn
from loyalty.flows.hold import authorise, capture, release
from loyalty.flows.link import link
from loyalty.flows.reverse import withdraw
from loyalty.flows.verify import verify
from loyalty.programme.tables import Programme
from loyalty.tables import metadata
from loyalty.web.app import create_app
from tests import cast
from tests.cast import chat
from tests.makers.rewards import balance, coffee, give_points
from tests.makers.station import rows
from tests.makers.tiers import ladder
from tests.web.fan.conftest import Browser

PAGES = ("/", "/earn", "/history", "/history?show=refused", "/rewards", "/vouchers", "/profile", "/profile/erase")


def exchange(browser, slug="coffee", **fields):
    page = browser.get(f"/rewards/{slug}").text
    number = re.search(r'name="exchange" value="([^"]+)"', page)
    fields = {"exchange": number[1] if number else "none", **fields}
    return browser.submit(f"/rewards/{slug}", on="/profile", **fields)


def test_home_says_the_balance_the_expiry_the_nearest_reward_and_the_why_of_what_happened(ines, ines_at, db):
    cast.rule(db, limits={"per_day": {"times": 1}})
    coffee(db)
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=cast.ODILE)
    earn(db, [chat(1), chat(2)], source="test")
    home = ines_at.get("/").text
    assert '<span class="hero-figure">10</span>' in home
    assert "90\N{NO-BREAK SPACE}points to go" in home
    assert "You earn 10 points." in home
    assert "Not counted." in home and "Live chat message" in home and "Twitch" in home
    assert "10\N{NO-BREAK SPACE}points" in home and "30 November 2028" in home
    refused = ines_at.get("/history?show=refused").text
    assert refused.count('class="line line-refused"') == 1


def test_pages_speak_french_first_and_english_when_asked(ines_at, new_browser):
    assert "Se connecter ou s’inscrire" in new_browser(language="de").get("/sign-in").text
    assert "Historique" in ines_at.get("/history?lang=fr").text
    assert "Historique" in ines_at.get("/history").text
    ines_at.submit("/profile", display_name="Inès", language="en")
    assert "<h1>History</h1>" in ines_at.get("/history").text


def test_an_exchange_happens_once_however_often_the_form_is_sent(ines, ines_at, db):
    coffee(db)
    give_points(db, ines.id, 300)
    page = ines_at.get("/rewards/coffee").text
    assert "200\N{NO-BREAK SPACE}points" in page
    number = re.search(r'name="exchange" value="([^"]+)"', page)[1]
    answers = {exchange(ines_at, exchange=number).location for _ in range(3)}
    assert len(answers) == 1
    assert balance(db, ines.id) == 200
    voucher = ines_at.get(answers.pop()).text
    assert "<svg" in voucher and "A coffee" in voucher


def test_a_lost_race_says_that_no_point_was_taken(ines, ines_at, db):
    coffee(db, units=0)
    give_points(db, ines.id, 100)
    response = exchange(ines_at, exchange="late-click")
    assert response.status_code == 409
    assert "nothing was taken" in response.text
    assert balance(db, ines.id) == 100


def test_too_few_points_are_said_with_how_many_are_missing(ines, ines_at, db):
    coffee(db)
    give_points(db, ines.id, 60)
    assert "40\N{NO-BREAK SPACE}points to go" in ines_at.get("/rewards/coffee").text
    response = exchange(ines_at, exchange="too-early")
    assert 400 <= response.status_code < 500
    assert balance(db, ines.id) == 60


def test_what_points_were_spent_on_stands_in_the_history(ines, ines_at, db):
    coffee(db)
    give_points(db, ines.id, 100)
    exchange(ines_at)
    spent = ines_at.get("/history?show=spent").text
    assert "−100" in spent and "A coffee" in spent
    assert "−100" not in ines_at.get("/history?show=gains").text


def test_older_lines_follow_by_key(ines, ines_at, db):
    for points in range(1, 31):
        give_points(db, ines.id, points)
    first = ines_at.get("/history")
    older = re.search(r'href="(/history\?[^"]*before=\d+)"', first.text)[1].replace("&amp;", "&")
    amounts = [re.findall(r"<span>\+(\d+)</span>", page.text) for page in (first, ines_at.get(older))]
    assert amounts == [[str(number) for number in range(30, 5, -1)], [str(number) for number in range(5, 0, -1)]]


def test_16_no_form_of_a_page_is_taken_without_its_token(app, ines_at):
    forms = [
        rule
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and not rule.rule.startswith(("/api/", "/hooks/"))
    ]
    assert len(forms) >= 8
    for rule in forms:
        path = re.sub(r"<(id:|int:|any\((\w+))?[^>]+>", lambda part: part[2] or ("1" if part[1] else "x"), rule.rule)
        response = ines_at.send("POST", path, data={"csrf_token": "forged"})
        assert response.status_code == 400, path
        assert "form_too_old" in response.text


def test_17_reading_changes_nothing(ines, ines_at, db):
    coffee(db)
    give_points(db, ines.id, 300)
    exchange(ines_at)

    def counts():
        tables = metadata.sorted_tables
        return db.read(
            lambda session: {each.name: session.scalar(sa.select(sa.func.count()).select_from(each)) for each in tables}
        )

    before = counts()
    seen, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop()
        if path in seen or len(seen) > 60:
            continue
        seen.add(path)
        response = ines_at.get(path)
        assert response.status_code == 200, path
        if response.mimetype == "text/html":
            waiting += [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"]*)"', response.text)]
    assert len(seen) > 15
    assert counts() == before


@pytest.mark.parametrize("path", PAGES)
def test_18_19_20_pages_are_private_and_run_nothing_foreign(ines_at, path):
    response = ines_at.get(path)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "object-src 'none'; base-uri 'none'; frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert "includeSubDomains" in response.headers["Strict-Transport-Security"]
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert not re.search(r"<script|<style| style=| on\w+=", response.text)


def test_19_the_secret_of_a_link_travels_nowhere(ines, browser):
    _, link = browser.ask("ines@example.org")
    assert browser.get(link).headers["Referrer-Policy"] == "no-referrer"


def test_21_a_forged_host_is_refused(browser):
    assert browser.get("/", headers={"Host": "evil.example"}, base_url="https://evil.example").status_code == 400


@pytest.mark.parametrize("path", ["/history", "/vouchers", "/profile", "/profile/export.json", "/profile/erase"])
def test_22_nobody_sees_a_fans_page_without_signing_in(browser, path):
    response = browser.get(path)
    assert response.status_code == 401
    assert 'href="/sign-in"' in response.text


def test_23_marc_sees_nothing_of_what_is_ines(ines, ines_at, db, new_browser):
    cast.marc(db)
    coffee(db)
    give_points(db, ines.id, 100)
    voucher = exchange(ines_at).location
    marc = new_browser(address="203.0.113.8")
    marc.sign_in("marc@example.org")
    response = marc.get(voucher)
    assert response.status_code == 404
    for path in ("/", "/history", "/vouchers", "/profile", "/profile/export.json"):
        assert "Inès" not in marc.get(path).text and "A coffee" not in marc.get(path).text


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "{{7*7}}", "\u202egnp.exe", "'; --"])
def test_27_a_name_is_only_ever_text(ines_at, name):
    assert ines_at.submit("/profile", display_name=name, language="en").status_code == 303
    for path in ("/", "/profile"):
        said = ines_at.get(path).text
        assert "<img" not in said and "49" not in re.findall(r"Hello ([^<]*)", said)


def test_46_an_error_has_a_number_and_no_trace(ines_at):
    response = ines_at.get("/nowhere")
    assert response.status_code == 404
    assert re.search(r"<code>[0-9a-f]{16}</code>", response.text) and "Traceback" not in response.text


def test_44_an_export_is_complete(ines, ines_at, db):
    coffee(db)
    give_points(db, ines.id, 300)
    exchange(ines_at)
    response = ines_at.get("/profile/export.json")
    assert "attachment" in response.headers["Content-Disposition"]
    kept = json.loads(response.text)
    assert kept["fan"]["email"] == "ines@example.org" and kept["points"] == 200
    assert len(kept["entries"]) == 2 and len(kept["vouchers"]) == 1 and len(kept["sessions"]) == 1
    assert "token_hash" not in response.text


def test_44_an_erasure_leaves_figures_and_no_name(ines, ines_at, db):
    cast.rule(db, earn={"fixed": 300})
    coffee(db)
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=cast.ODILE)
    earn(db, [chat(1)], source="test")
    exchange(ines_at)
    assert ines_at.submit("/profile/erase", word="yes").status_code == 422
    assert ines_at.submit("/profile/erase", word="erase").status_code == 200
    assert ines_at.get("/profile").status_code == 401
    assert rows(db, "SELECT reference, display_name, email FROM fan") == [(None, None, None)]
    for table in ("web_session", "consent", "sign_in", "outgoing_mail"):
        assert rows(db, f"SELECT count(*) FROM {table}") == [(0,)], table
    assert verify(db).holds
    assert ines_at.sign_in().location == "/sign-in/join"


def test_the_mailbox_is_there_in_a_demonstration_only(browser, settings, db):
    assert browser.get("/dev/mailbox").status_code == 200
    for change in ({"demo": False}, {"mail_url": "smtp://mail.example"}):
        closed = create_app(dataclasses.replace(settings, **change), db).test_client()
        assert closed.get("/dev/mailbox", headers=browser.headers).status_code == 404


def test_without_e_mail_nobody_is_promised_one(app, db, settings):
    browser = Browser(create_app(dataclasses.replace(settings, demo=False), db), db)
    assert browser.submit("/sign-in", email="ines@example.org").status_code == 503


def test_home_asks_the_database_five_times_once_what_all_fans_share_is_known(ines_at, db):
    cast.rule(db)
    ladder(db, silver=50)
    coffee(db)
    coffee(db, slug="silver", min_tier="silver")
    ines_at.get("/")
    asked = []
    with_statement = lambda *said: asked.append(said[2])  # noqa: E731 - the shape SQLAlchemy asks for
    sa.event.listen(db.engine, "before_cursor_execute", with_statement)
    try:
        assert ines_at.get("/").status_code == 200
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", with_statement)
    selected = [each for each in asked if each.startswith("SELECT")]
    assert len(selected) == 5, selected


def test_points_set_aside_are_told_with_their_date_what_for_and_what_became_of_them(ines, ines_at, db):
    give_points(db, ines.id, 100)
    held = [
        authorise(db, fan_id=ines.id, amount=amount, purpose=purpose, actor=cast.ODILE)
        for amount, purpose in ((30, "Concert ticket"), (20, "Backstage pass"))
    ]
    page = ines_at.get("/history").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Back on 30 November 2026" in page and "Concert ticket" in page
    assert page.count("Set aside until 30 November:") == 2
    capture(db, fan_id=ines.id, hold_id=held[0].hold.id, amount=10, final=True, actor=cast.ODILE)
    release(db, fan_id=ines.id, hold_id=held[1].hold.id, actor=cast.ODILE)
    page = ines_at.get("/history").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "10 were used, 20 came back." in page and "all came back on 23 November." in page
    assert page.count("They were not used: they are yours again") == 2
    assert "Back on" not in page
    assert "10 ont servi, 20 sont de retour." in ines_at.get("/history?lang=fr").text


def test_what_is_not_taken_back_and_what_counts_after_all_are_told_with_their_why(ines, ines_at, db):
    def forgive(session):
        session.get_one(Programme, 1).debt_policy = "within_balance"

    db.write(forgive)
    cast.rule(db, limits={"per_day": {"times": 1}})
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=cast.ODILE)
    earn(db, [chat(1), chat(2)], source="test")
    authorise(db, fan_id=ines.id, amount=7, purpose="Concert ticket", actor=cast.ODILE)
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test")
    page = ines_at.get("/history").text
    assert "Another 7 are not taken: the programme lets you keep them." in page
    assert "this one counts now" not in page, "what is kept still fills the cap"
    earn(db, [chat(3, minutes=-24 * 60), chat(4, minutes=-24 * 60)], source="test")
    withdraw(db, [WithdrawnFact(act_key=chat(3).act_key)], source="test")
    assert "this one counts now." in ines_at.get("/history").text
    assert "celle-ci compte maintenant." in ines_at.get("/history?lang=fr").text
