"""The traps of our databases and libraries that once cost somebody a day."""

import ast
import re

import sqlalchemy as sa

from loyalty.db import Database
from tests.house.sources import ROOT, calls, modules

# Builds statements from the names of our own tables and columns, never from what a person typed.
# Each puts together fragments of its own, never a value.
MAY_BUILD_SQL = {
    "loyalty/animations/parts.py",
    "loyalty/bulk.py",
    "loyalty/bench/scratch.py",
    "loyalty/rules/verify.py",
}
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|DROP|ALTER|SET|PRAGMA)\s", re.IGNORECASE)
RUNS_SQL = re.compile(r"(.*\.)?(text|DDL|exec_driver_sql|execute|executemany)")


def test_models_do_not_postpone_their_annotations():
    broken = []
    for path, tree in modules().items():
        models = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "table"]
        future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
        if models and any(alias.name == "annotations" for node in future for alias in node.names):
            broken.append(path)
    assert not broken, f"`from __future__ import annotations` breaks Relationship(): {broken}"


def test_sessions_are_not_queried_the_old_way():
    broken = [
        f"{path}:{call.lineno}"
        for path, tree in modules().items()
        for name, call in calls(tree)
        if re.fullmatch(r"(.*\.)?\w*session\.query", name)
    ]
    assert not broken, f"use session.exec: {broken}"


def test_whole_numbers_from_outside_are_strict():
    broken = [
        f"{path}:{call.lineno}"
        for path, tree in modules().items()
        for name, call in calls(tree)
        if re.fullmatch(r"(.*\.)?(fields|ma)\.(Int|Integer)", name)
        and not any(given.arg == "strict" for given in call.keywords)
    ]
    assert not broken, f"marshmallow's Integer takes '5' and cuts 5.7 unless strict: {broken}"


def test_sql_is_never_glued_together():
    broken = [
        f"{path}:{line}"
        for path, tree in modules().items()
        if path not in MAY_BUILD_SQL
        for line in lines_that_glue_sql(tree)
    ]
    assert not broken, f"bind parameters instead: {broken}"


def test_the_glue_detector_sees_glue():
    for source in (
        'text(f"SELECT {name}")',
        'sa.text("SELECT " + name)',
        'connection.exec_driver_sql("SELECT %s" % name)',
        'session.execute("SELECT {}".format(name))',
        'statement = f"UPDATE fan SET {column} = 1"',
    ):
        assert list(lines_that_glue_sql(ast.parse(source))), source
    assert not list(lines_that_glue_sql(ast.parse('text("SELECT :name"); f"Selected {name}"')))


def test_every_table_of_sqlite_keeps_the_types_it_declares(database_url):
    if not database_url.startswith("sqlite"):
        return
    database = Database(database_url)
    with database.engine.connect() as connection:
        tables = connection.execute(sa.text("SELECT name, strict FROM pragma_table_list WHERE type = 'table'")).all()
    database.dispose()
    loose = {name for name, strict in tables if not strict and not name.startswith("sqlite_")}
    assert loose <= {"alembic_version"}, f"give them `strict()`: {loose}"


def test_no_template_trusts_what_a_person_typed():
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    broken = [
        path.relative_to(ROOT).as_posix()
        for path in templates
        if re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8"))
    ]
    assert not broken, f"escape, or build Markup in Python: {broken}"


def lines_that_glue_sql(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and is_glued(node):
            first = node.values[0]
            if isinstance(first, ast.Constant) and re.match(r"\s*[A-Z]+\s", first.value) and SQL.match(first.value):
                yield node.lineno
        elif isinstance(node, ast.Call) and node.args and is_glued(node.args[0]):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if RUNS_SQL.fullmatch(function):
                yield node.lineno


def is_glued(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod) or any(
            not isinstance(side, ast.Constant) for side in (node.left, node.right)
        )
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
