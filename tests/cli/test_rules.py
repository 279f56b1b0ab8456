"""`loyalty rules`, as typed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loyalty.cli import main
from loyalty.cli import rules as commands
from loyalty.db import Database
from loyalty.flows.manage_rules import apply_rule, export_rules, list_rules, show_rule
from loyalty.staff import audit
from tests.cast import ODILE
from tests.makers.judging import body

Run = Callable[..., Result]
ON_TWITCH = {"all": [{"kind": {"one_of": ["live_chat"]}}, {"network": {"one_of": ["twitch"]}}]}
CHAT = body(when=ON_TWITCH)
MORE = body(when=ON_TWITCH, earn={"fixed": 12}, limits={"per_day": {"points": 60}})


@pytest.fixture
def run(db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `loyalty rules ...` on the database of the test, where one rule is."""
    monkeypatch.setenv("LOYALTY_DATABASE_URL", database_url.replace("+psycopg", ""))
    apply_rule(db, slug="chat", body=CHAT, actor=ODILE)
    return lambda *typed, **options: CliRunner().invoke(main, ["rules", *map(str, typed)], **options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A document that changes the one rule and adds another."""
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"version": 1, "rules": {"chat": MORE, "vote": CHAT}}))
    return path


def points(db: Database) -> dict[str, Any]:
    return {rule.slug: rule.latest.body["earn"]["fixed"] for rule in list_rules(db)}


def test_rules_are_listed(run: Run) -> None:
    heads, chat = run("list").output.splitlines()
    assert heads.split() == ["RULE", "STATE", "REVISION", "CLASS", "ISSUED", "NAME"]
    assert chat.split() == ["chat", "in", "force", "1", "redeemable", "0", "Rule"]
    (listed,) = json.loads(run("list", "--json").output)
    assert (listed["slug"], listed["revision"], listed["revision_in_force"]) == ("chat", 1, 1)


def test_a_rule_is_shown_with_what_each_revision_changed(run: Run, db: Database) -> None:
    apply_rule(db, slug="chat", body=MORE, actor=ODILE, reason="more joy")
    shown = run("show", "chat").output
    assert "You earn 12 points when you write in the live chat on Twitch, up to 60 points a day." in shown
    assert f"by {ODILE}, because: more joy" in shown
    assert "  earn.fixed: 10 -> 12" in shown
    told = json.loads(run("show", "chat", "--json").output)
    assert [each["number"] for each in told["revisions"]] == [1, 2]


def test_a_rule_that_is_not_there_is_refused_with_a_sentence(run: Run) -> None:
    result = run("show", "nothing")
    assert result.exit_code == 2
    assert "Not found: rule nothing." in result.stderr


def test_what_is_exported_changes_nothing_when_applied(run: Run, db: Database, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    assert run("export", path).exit_code == 0
    assert json.loads(path.read_text()) == export_rules(db) == json.loads(run("export").output)
    assert run("apply", path).output == "0 of 1 rules change.\n"


def test_without_anybody_to_ask_a_change_is_shown_and_not_applied(run: Run, db: Database, file: Path) -> None:
    result = run("apply", file)
    assert result.exit_code == 1
    assert "chat: revision 2\n  earn.fixed: 10 -> 12\n  limits.per_day.points: — -> 60\n" in result.output
    assert "vote: new rule\n" in result.output
    assert "2 of 2 rules change.\n" in result.output
    assert "Nothing was applied: there is nobody to ask. Use --yes." in result.output
    assert points(db) == {"chat": 10}


def test_yes_applies_without_asking(run: Run, db: Database, file: Path) -> None:
    result = run("apply", file, "--yes", "--actor", "odile", "--reason", "autumn")
    assert result.output.endswith("Applied.\n")
    assert points(db) == {"chat": 12, "vote": 10}
    assert (show_rule(db, "vote").latest.created_by, show_rule(db, "vote").latest.reason) == ("cli:odile", "autumn")
    assert db.read(lambda session: audit.find(session, limit=1))[0].actor == "cli:odile"


def test_who_is_there_is_asked(run: Run, db: Database, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_somebody_is_there", lambda: True)
    assert run("apply", file, input="n\n").output.endswith("Nothing was applied.\n")
    assert points(db) == {"chat": 10}
    assert run("apply", file, input="y\n").output.endswith("Applied.\n")
    assert points(db) == {"chat": 12, "vote": 10}


def test_an_edit_made_while_we_were_asked_is_not_overwritten(
    run: Run, db: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile() -> bool:
        apply_rule(db, slug="chat", body=body(when=ON_TWITCH, earn={"fixed": 77}), actor="cli:marc")
        return True

    monkeypatch.setattr(commands, "_somebody_is_there", meanwhile)
    result = run("apply", file, input="y\n")
    assert result.exit_code == 2
    assert "rule_changed_meanwhile" in result.stderr
    assert points(db) == {"chat": 77}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("\ufeff[]", "Invalid input type."),
        ("[" * 100_000, "is nested too deep"),
        ('{"version": 1, "rules": {"chat": {}}}', "rules.chat.class: Missing data for required field."),
        ('{"version": 2, "rules": {}}', "version: Must be equal to 1."),
        ('{"version": 1, "rules": {"\\u001b[31m": {}}}', "rules."),
    ],
    ids=lambda text: text[:12],
)
def test_a_file_that_is_no_document_is_refused(run: Run, db: Database, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rules.json"
    path.write_text(text, encoding="utf-8")
    result = run("apply", path, "--yes")
    assert result.exit_code == 2
    assert said in result.stderr
    assert "\x1b" not in result.stderr
    assert points(db) == {"chat": 10}


def test_a_file_of_bytes_that_are_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_bytes(b"\xff\xfe\x00")
    assert run("apply", path).exit_code == 2


def test_what_a_network_forbids_is_refused_and_what_it_leaves_open_asks_why(
    run: Run, db: Database, tmp_path: Path
) -> None:
    def document(network: str, kind: str) -> Path:
        path = tmp_path / f"{network}.json"
        when = {"all": [{"kind": {"one_of": [kind]}}, {"network": {"one_of": [network]}}]}
        path.write_text(json.dumps({"version": 1, "rules": {"new": body(when=when)}}))
        return path

    forbidden = run("apply", document("instagram", "like"), "--yes")
    assert forbidden.exit_code == 2 and "forbidden_by_network" in forbidden.output
    assert "new" not in points(db)
