"""Nothing on a hot path crosses machines, as far as a statement shows it: each says whose bucket it is about."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from loyalty.db import Database
from loyalty.distribution import ON_EVERY_MACHINE, SPREAD_BY
from loyalty.flows.earn import earn
from tests.cast import chat
from tests.distribution.hot import prepare
from tests.distribution.said import said_to

# What asks every machine all the same: reads without a lock, each with its reason.
EXCEPTIONS = {
    "withdrawals": {
        "activity": "a withdrawal names an act, not whose it was: each machine looks once into an index",
    },
    "tiers end": {
        "tier_holding": "which buckets have tiers whose date has come is asked before the first is locked",
    },
    "points set aside come back": {
        "hold": "which buckets have holds that are over is asked once a minute, before the first is locked",
    },
    "points expire": {
        "lot": "which buckets have lots that are due is asked once a night, before the first is locked",
    },
    "entries are sealed": {
        "bucket": "which buckets have something to seal, and all heads for the checkpoint, every five minutes",
        "entry": "asked together with its bucket, on the bucket's machine",
        "seal": "likewise",
    },
}
_NAMED = re.compile(r"\b(FROM|JOIN|INTO|UPDATE|USING)\s+(\w+)(?:\s+AS\s+(?!given\b)(\w+))?", re.IGNORECASE)
_KEYWORDS = {"set", "where", "on", "select", "values", "order", "group", "limit"}


def tables_of(statement: str) -> list[tuple[str, str, str]]:
    """Each spread or copied table a statement names: how it is reached, its name, and what it is called there."""
    return [
        (verb.upper(), table, alias if alias and alias.lower() not in _KEYWORDS else table)
        for verb, table, alias in _NAMED.findall(statement)
        if table in SPREAD_BY or table in ON_EVERY_MACHINE
    ]


def says_where(statement: str, verb: str, table: str, alias: str) -> bool:
    """Whether a statement says in which bucket, reward or device the rows of a table are."""
    column = SPREAD_BY[table]
    if verb == "INTO":
        columns = re.search(rf"INTO {table} \(([^)]*)\)", statement)
        return columns is not None and column in re.split(r",\s*", columns[1])
    value = r"(?:= (?:ANY \(|%\(|%s|\d)|IN \()"
    bound = set(re.findall(rf"(\w+\.\w+) {value}", statement))
    here = f"{alias}.{column}"
    equal = {frozenset(pair) for pair in re.findall(r"(\w+\.\w+) = (\w+\.\w+)", statement)}
    return here in bound or any(here in pair and pair & (bound - {here}) for pair in equal)


@pytest.fixture
def said_by_path(spread: Database) -> dict[str, list[str]]:
    assert spread.is_distributed
    found: dict[str, list[str]] = {}
    for name, path in prepare(spread).items():
        with said_to(spread) as found[name]:
            path()
        assert found[name]
    return found


def test_every_hot_statement_says_where_its_rows_are(said_by_path: dict[str, list[str]]) -> None:
    needed: dict[str, set[str]] = {name: set() for name in EXCEPTIONS}
    silent = []
    for path, statements in said_by_path.items():
        for statement in statements:
            for verb, table, alias in tables_of(statement):
                if table in ON_EVERY_MACHINE or says_where(statement, verb, table, alias):
                    continue
                if table in EXCEPTIONS.get(path, {}) and verb in ("FROM", "JOIN") and "FOR UPDATE" not in statement:
                    needed[path].add(table)
                else:
                    silent.append(f"{path}: {table}: {statement}")
    assert silent == []
    assert needed == {path: set(tables) for path, tables in EXCEPTIONS.items()}, "an exception nobody needs"


def test_a_lock_is_taken_in_one_place_at_a_time(said_by_path: dict[str, list[str]]) -> None:
    locks = [each for statements in said_by_path.values() for each in statements if "FOR UPDATE" in each]
    spread = [each for each in locks if any(table in SPREAD_BY for _, table, _ in tables_of(each))]
    assert spread
    for statement in spread:
        columns = {SPREAD_BY[table] for _, table, _ in tables_of(statement) if table in SPREAD_BY}
        assert len(columns) == 1
        assert re.search(rf"\.{columns.pop()} = %", statement), statement


def test_no_hot_path_writes_what_every_machine_has_a_copy_of(said_by_path: dict[str, list[str]]) -> None:
    written = {
        (path, table)
        for path, statements in said_by_path.items()
        for statement in statements
        for verb, table, _ in tables_of(statement)
        if verb in ("INTO", "UPDATE") and table in ON_EVERY_MACHINE
    }
    # A judgement nobody ever got is kept once; the hundred alike after it are not.
    assert written <= {("a batch of activities", "verdicts"), ("an answer on air", "verdicts")}


def test_the_same_judgement_again_writes_no_copy(spread: Database) -> None:
    prepare(spread)
    earn(spread, [chat(800, actor="tw-a")], source="hot")
    with said_to(spread) as said:
        earn(spread, [chat(801, actor="tw-b")], source="hot")
    assert not [each for each in said if "INTO verdicts" in each]
    assert [each for each in said if "INTO activity" in each]


def test_every_transaction_of_a_batch_is_about_one_bucket(spread: Database) -> None:
    prepare(spread)
    earn(spread, [chat(0, actor=f"tw-{number}", external_id=f"x{number}") for number in range(30)], source="hot")
    locked: list[list[int]] = [[]]

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM bucket" in statement and "FOR UPDATE" in statement:
            locked[-1].extend(value for value in parameters.values() if isinstance(value, int))

    sa.event.listen(spread.engine, "before_cursor_execute", note)
    sa.event.listen(spread.engine, "commit", lambda _connection: locked.append([]))
    outcomes = earn(
        spread, [chat(0, actor=f"tw-{number}", external_id=f"y{number}") for number in range(30)], source="hot"
    )
    assert [each.status for each in outcomes] == ["recorded"] * 30
    assert max(map(len, locked)) == 1
    assert len({bucket for each in locked for bucket in each}) > 10


@pytest.mark.parametrize(
    ("statement", "table", "says"),
    [
        ("SELECT lot.granted FROM lot WHERE lot.holder_id = %(h)s AND lot.bucket = %(b)s", "lot", True),
        ("SELECT lot.granted FROM lot WHERE lot.bucket = ANY (CAST(%(b)s AS SMALLINT[]))", "lot", True),
        ("SELECT lot.granted FROM lot WHERE lot.holder_id = %(h)s", "lot", False),
        ("SELECT lot.bucket FROM lot ORDER BY lot.bucket", "lot", False),
        ("UPDATE lot SET used = 1 FROM unnest(x) AS given (a) WHERE lot.bucket = given.bucket", "lot", False),
        ("UPDATE lot SET used = 1 FROM unnest(x) AS given (a) WHERE lot.bucket IN (7)", "lot", True),
        ("SELECT 1 FROM activity JOIN lot ON lot.bucket = activity.bucket WHERE activity.bucket = %(b)s", "lot", True),
        ("SELECT 1 FROM activity JOIN lot ON lot.bucket = activity.bucket WHERE lot.id = %(b)s", "lot", False),
        ("INSERT INTO lot (holder_id, bucket) SELECT * FROM unnest(x)", "lot", True),
        ("INSERT INTO lot (holder_id) SELECT * FROM unnest(x)", "lot", False),
        ("UPDATE bucket SET head = %(x)s WHERE bucket.id = %(i)s", "bucket", True),
    ],
)  # fmt: skip
def test_the_inspector_sees_what_a_statement_says(statement: str, table: str, says: bool) -> None:
    reached = [each for each in tables_of(statement) if each[1] == table]
    assert [says_where(statement, *each) for each in reached] == [says]
