"""A fan takes their statement home, and anybody can check it against what was published."""

from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.seal import checkpoints, seal_entries
from loyalty.ledger.checkpoint import SigningKey
from loyalty.ledger.proof import problems
from tests import cast
from tests.cast import ODILE, chat

KEY = SigningKey("for the tests, and nothing but the tests")


def test_the_statement_on_the_profile_proves_itself(db, ines, ines_at):
    cast.rule(db)
    link(db, fan_id=ines.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1), chat(2), chat(3, actor="tw-marc")], source="test")
    seal_entries(db, KEY)
    assert "/profile/statement.json" in ines_at.get("/profile").text
    statement = ines_at.get("/profile/statement.json").json
    assert len(statement["entries"]) == 2, "hers, and nobody else's"
    assert problems(statement, known=checkpoints(db)) == []


def test_nobody_else_gets_it(new_browser):
    assert new_browser().get("/profile/statement.json").status_code == 401
