"""The security checklist on the fan's pages, route by route; the numbers are its own."""

import json
import re
import statistics
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.flows.change_programme import change_programme
from loyalty.flows.contest import answer_dispute, contest
from loyalty.flows.earn import earn
from loyalty.flows.link import link, register
from loyalty.flows.manage_sources import add_source
from loyalty.flows.redeem import redeem
from loyalty.flows.send_mail import latest
from loyalty.intake.seal import Sealer
from loyalty.ledger import find as ledger
from loyalty.tables import metadata
from loyalty.web.fan import home
from loyalty.web.guards import fan, guard_of
from tests import cast
from tests.cast import MORNING, chat
from tests.makers.animations import AIR, open_code
from tests.makers.rewards import coffee, give_points

NASTY = ("<img src=x onerror=alert(1)>", "{{7*7}}", "${7*7}", "\u202egnp.exe", "'; --", "<!--", "</script>")


@pytest.fixture
def ids(ines, db, settings) -> dict[str, str]:
    """What Ines has, by what its routes call it; everything a page of hers can show is there."""
    cast.rule(db)
    coffee(db)
    give_points(db, ines.id, 300)
    sealer = Sealer(settings.secret_key, settings.secret_key_fallbacks)
    add_source(db, sealer, connector="twitch", slug="main", actor=cast.ODILE)
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=cast.ODILE)
    (act,) = earn(db, [chat(1)], source="test")
    entry = db.read(lambda session: ledger.lines(session, ines.id, limit=1))[0]
    voucher = redeem(db, fan_id=ines.id, reward_slug="coffee").voucher
    open_code(db)
    change_programme(db, {"transfers_allowed": True}, actor=cast.ODILE, reason="test")
    return {
        "voucher_id": str(voucher.id),
        "activity": str(act.activity_id),
        "entry": str(entry.id),
        "slug": "coffee",
        "network": "twitch",
        "external_id": "tw-ines",
    }


def addresses(app, ids, method: str, *, only_fans: bool = False) -> dict[str, str]:
    """Every route of the fan's pages for a method, with what Ines has in its place: address by endpoint."""
    found = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not rule.endpoint.startswith("fan.") or method not in rule.methods:
            continue
        if only_fans and guard_of(view) is not fan:
            continue
        for about in ("activity", "entry") if "about" in rule.arguments else (None,):
            known = {**ids, "about": about, "about_id": ids[about] if about else None, "link": "x" * 43}
            if rule.endpoint.endswith((".play", ".take_part")):
                known["slug"] = "matinale"
            path = rule.rule
            for name in rule.arguments:
                path = re.sub(rf"<[^<>]*\b{name}>", str(known[name]), path)
            found[f"{rule.endpoint} {about or ''}".strip()] = path
    return found


def everything(db) -> str:
    """All that is in the database."""
    tables = metadata.sorted_tables
    return db.read(
        lambda session: str({each.name: sorted(map(str, session.execute(sa.select(each)))) for each in tables})
    )


@contextmanager
def statements(db):
    """What is asked of the database meanwhile."""
    asked = []

    def note(connection, cursor, statement, *_):
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def test_04_a_known_address_takes_the_same_steps_as_an_unknown_one(app, db, browser):
    known = [f"known{number}@example.org" for number in range(100)]
    for email in known:
        register(db, email=email, actor=cast.ODILE)
    browser.get("/sign-in")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)[1]
    steps, seconds, answers = set(), {"known": [], "never": []}, set()
    for number in range(200):
        who = "known" if number % 2 else "never"
        browser.address = f"203.0.{number // 250}.{number % 250}"
        with statements(db) as asked:
            started = time.perf_counter()
            response = browser.send(
                "POST", "/sign-in", data={"csrf_token": token, "email": f"{who}{number // 2}@example.org"}
            )
            seconds[who].append(time.perf_counter() - started)
        steps.add(tuple(asked))
        answers.add((response.status_code, response.location, response.text, tuple(sorted(response.headers.keys()))))
    assert len(steps) == 1 and len(answers) == 1
    ratio = statistics.median(seconds["known"]) / statistics.median(seconds["never"])
    assert 1 / 3 < ratio < 3, "taken in turns, on the same steps: only a sleep or a lookup would do that"


@pytest.mark.parametrize("who", ["ines", "nobody"])
def test_17_20_no_page_changes_anything_or_is_kept(app, db, ids, ines_at, new_browser, who):
    browser = ines_at if who == "ines" else new_browser()
    browser.get("/sign-in")
    with clock.running_on(clock.stopped_at(AIR)):
        if who == "ines":
            browser.get("/")  # the hour's note that the session is in use
        before = everything(db)
        seen = {}
        for method in ("GET", "HEAD"):
            for endpoint, path in addresses(app, ids, "GET").items():
                response = browser.send(method, path)
                seen[endpoint] = response.status_code
                if endpoint != "fan.keeper":
                    assert response.headers["Cache-Control"] == "no-store", endpoint
        assert everything(db) == before
    if who == "ines":
        assert {name for name, status in seen.items() if status >= 400} <= {"fan.link"}, seen
    assert len(seen) > 18


def test_22_every_page_of_a_fan_asks_for_a_fan(app, ids, browser):
    found = addresses(app, ids, "GET", only_fans=True)
    assert len(found) >= 10
    for endpoint, path in found.items():
        assert browser.get(path).status_code == 401, endpoint


def test_23_nothing_with_a_number_is_shown_to_another_fan(app, db, ids, ines_at, new_browser):
    cast.marc(db)
    marc = new_browser(address="203.0.113.8")
    marc.sign_in("marc@example.org")
    tried = 0
    for method in ("GET", "POST"):
        for endpoint, path in addresses(app, ids, method).items():
            if not re.search(r"/\d{9,}", path):
                continue
            tried += 1
            if method == "GET":
                assert ines_at.get(path).status_code == 200, endpoint
                assert marc.get(path).status_code == 404, endpoint
            else:
                before = everything(db)
                assert marc.submit(path, on="/profile", text="Mine.").status_code == 404, endpoint
                assert everything(db) == before
    assert tried == 5


def test_25_no_form_takes_a_field_it_did_not_ask_for(app, db, ids, ines_at):
    tried = []
    for endpoint, path in addresses(app, ids, "POST", only_fans=True).items():
        if endpoint in ("fan.sign_out_everywhere", "fan.show_code", "fan.give_code"):  # they read no field at all
            continue
        with clock.running_on(clock.stopped_at(AIR)):
            response = ines_at.submit(path, on="/profile", points="1000", role="admin", text="?", exchange="x")
        assert response.status_code == 422, endpoint
        tried.append(endpoint)
    assert len(tried) >= 5, tried


@pytest.mark.parametrize("name", NASTY)
def test_27_what_people_call_themselves_is_text_everywhere(db, ines, ids, ines_at, name):
    link(db, fan_id=ines.id, network="twitch", external_id="tw-nasty", actor=cast.ODILE)
    earn(db, [chat(7, actor="tw-nasty", actor_name=name)], source="test")
    db.write(
        lambda session: session.execute(
            sa.text("UPDATE identity SET name = :name WHERE network = 'twitch'"), {"name": name}
        )
    )
    ines_at.submit("/profile", display_name=name, language="en")
    asked = contest(db, fan_id=ines.id, about="activity", about_id=int(ids["activity"]), text=name)
    answer_dispute(db, asked.id, answer=name, actor=cast.ODILE)
    for path in ("/", "/profile", f"/history/activity/{ids['activity']}"):
        page = ines_at.get(path).text
        for bad in ("<img", "<!--", "</script>", ">49<", " 49"):
            assert bad not in page.replace("</script>\n", ""), path
        if name.startswith("\u202e") and path != f"/history/activity/{ids['activity']}":
            assert f"<bdi>{name}</bdi>" in page, "what follows a name is read the right way round"
    kept = ines_at.get("/profile/export.json")
    assert json.loads(kept.text)["fan"]["display_name"] == name
    assert kept.mimetype == "application/json" and kept.headers["X-Content-Type-Options"] == "nosniff"
    mail = latest(db)[0]
    assert name in mail.text and name not in mail.subject


@pytest.mark.parametrize(
    "where",
    [
        "//e.example",
        "/\\e.example",
        "/\t/e.example",
        "https:e.example",
        "https://e.example",
        "javascript:alert(1)",
        "%2F%2Fe.example",
    ],
)
def test_34_no_address_says_where_to_go_after_signing_in(ines, browser, where):
    for path in ("/sign-in", "/sign-in/code", "/profile", "/"):
        browser.get(path, query_string={"next": where})
    location = browser.sign_in().location
    assert location.startswith("/profile?next=") or location == "/", location
    assert re.match(r"/(?![/\\])", location)
    assert browser.get(location).status_code == 200


def test_46_a_bug_shows_a_number_and_no_trace(app, ines_at, monkeypatch):
    assert not app.debug
    monkeypatch.setattr(home, "_home", lambda *_: 1 / 0)
    response = ines_at.get("/")
    assert response.status_code == 500
    assert re.search(r"<code>[0-9a-f]{16}</code>", response.text)
    for bad in ("Traceback", "ZeroDivision", "home.py"):
        assert bad not in response.text


def test_a_fan_younger_than_fifteen_is_turned_away_kindly_and_not_kept(app, db, browser):
    browser.sign_in("nino@example.org")
    joins = {"display_name": "Nino", "agrees": "on", "newsletter": "on"}
    response = browser.submit("/sign-in/join", **joins, birth_year="2012")
    assert response.status_code == 422 and "You need to be 15 to join" in response.text
    assert "Nino" not in everything(db) and "2012" not in everything(db)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(seconds=30))):
        assert browser.submit("/sign-in/join", **joins, birth_year="2011").location == "/"
    assert "2011" not in everything(db)


def test_news_are_sent_to_who_asked_for_them_and_a_change_of_mind_is_dated(app, db, ines_at):
    for minutes, newsletter in enumerate(({"newsletter": "on"}, {"newsletter": "on"}, {})):
        with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=minutes))):
            ines_at.submit("/profile", display_name="Inès", language="en", **newsletter)
    kept = json.loads(ines_at.get("/profile/export.json").text)["consents"]
    assert [(each["purpose"], each["given"]) for each in kept] == [("newsletter", True), ("newsletter", False)]
