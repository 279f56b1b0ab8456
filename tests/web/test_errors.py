"""What is answered when something goes wrong: a problem or a page, in the reader's language, and never a trace."""

import pytest

from loyalty.errors import Busy, Refused
from loyalty.web import problems
from tests.web.client import refused


def test_a_problem_speaks_the_readers_language(odile):
    for accepted, language, word in (
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr", "adresse"),
        ("en-GB", "en", "address"),
        ("de, en;q=0.1", "en", "address"),
        ("de", "fr", "adresse"),
        ("", "fr", "adresse"),
    ):
        response = odile.get("/nowhere", headers={"Accept-Language": accepted})
        assert word in refused(response, 404, "no_such_address")["detail"]
        assert response.headers["Content-Language"] == language
        assert response.vary.to_header() == "Accept-Language"


def test_a_method_nobody_knows_is_refused_with_those_there_are(odile):
    response = odile.send("DELETE", "/activities")
    refused(response, 405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    refused(odile.send("OPTIONS", "/activities"), 405, "method_not_allowed")


def test_elsewhere_it_is_a_page(anybody):
    page = anybody.get("/problems/no_such_code", headers={"Accept-Language": "fr"})
    assert page.status_code == 404
    assert page.content_type.startswith("text/html")
    assert '<html lang="fr">' in page.text


def test_a_bug_is_a_500_with_an_id_and_no_trace(app, odile, monkeypatch, caplog):
    def broken(*_, **__):
        raise ZeroDivisionError("the secret of the bug")

    monkeypatch.setattr("loyalty.web.api.audit.audit.find", broken)
    response = odile.get("/audit")
    problem = refused(response, 500, "internal_error")
    assert problem["request_id"] in problem["detail"]
    assert "secret of the bug" not in response.text
    assert "Traceback" not in response.text
    (logged,) = [each for each in caplog.records if each.name == "loyalty.web"]
    assert logged.fields["request_id"] == problem["request_id"]
    assert "ZeroDivisionError" in caplog.text


def test_a_busy_database_asks_to_come_back(odile, monkeypatch):
    def busy(*_, **__):
        raise Busy

    monkeypatch.setattr("loyalty.web.api.audit.audit.find", busy)
    response = odile.get("/audit")
    refused(response, 503, "busy")
    assert response.headers["Retry-After"] == "2"


def test_a_thousand_mistakes_make_a_short_sentence_and_a_long_list(odile):
    problem = refused(odile.post("/partners", {f"field{number}": 1 for number in range(900)}), 422, "invalid")
    assert len(problem["detail"]) <= 500
    assert problem["detail"].endswith("…")
    assert len(problem["errors"]) == 902


def test_every_code_has_a_page_that_explains_it_in_both_languages(anybody):
    codes = problems.known()
    assert len(codes) > 30
    for code, refusal in codes.items():
        page = anybody.get(f"/problems/{code}")
        assert page.status_code == 200, code
        assert code in page.text
        assert refusal.words.fr
        assert refusal.words.en


def test_codes_are_words_and_each_means_one_thing():
    seen: dict[str, type[Refused]] = {}
    for refusal in problems.below(Refused):
        assert refusal.code.replace("_", "").isalpha()
        assert refusal.__doc__, refusal
        assert 400 <= refusal.status <= 599
        known = seen.setdefault(refusal.code, refusal)
        assert issubclass(refusal, known) or issubclass(known, refusal), (refusal, known)


@pytest.mark.parametrize("host", ["evil.example", "club.example.evil.example", "", "club.example@evil.example"])
def test_a_forged_host_is_refused(odile, host):
    refused(odile.get("/activities", headers={"Host": host}), 400, "unknown_host")


@pytest.mark.parametrize("host", ["club.example", "CLUB.EXAMPLE", "club.example:8443", "127.0.0.1:8000", "localhost"])
def test_our_own_hosts_are_answered(odile, host):
    assert odile.get("/activities", headers={"Host": host}).status_code == 200
