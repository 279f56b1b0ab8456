"""Which flows write: read from their source, so that a new one is missed by the tests that walk them all."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.house.sources import ROOT

FOLDER = ROOT / "loyalty" / "flows"
DATABASES = {"Writer", "Database"}
Name = tuple[str, str]  # the module under flows/, and what it defines


@cache
def flows_that_write() -> frozenset[str]:
    """Every public function of a flow that is given a database and, itself or by what it calls, writes to it."""
    uses: dict[Name, set[Name]] = {}
    writes: set[Name] = set()
    public: set[Name] = set()
    for path in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = _imported(tree)
        for name, node in _defined(tree):
            uses[path.stem, name] = set(_used(node, path.stem, known))
            writes |= {(path.stem, name)} if any(map(_opens_a_transaction, ast.walk(node))) else set()
            public |= {(path.stem, name)} if _is_given_a_database(node) else set()
    while more := {each for each, used in uses.items() if each not in writes and used & writes}:
        writes |= more
    return frozenset(f"{module}.{name}" for module, name in public & writes)


def _imported(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """What a module calls things of other flows: their module ("" for a whole one) and name."""
    return {
        alias.asname or alias.name: (node.module.removeprefix("loyalty.flows").lstrip("."), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("loyalty.flows")
        for alias in node.names
    }  # type: ignore[union-attr]


def _defined(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((each.id, node) for each in targets if isinstance(each, ast.Name))


def _used(node: ast.AST, module: str, known: dict[str, tuple[str, str]]) -> Iterator[Name]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield known.get(each.id, (module, each.id))
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in known:
            yield known[each.value.id][1], each.attr


def _opens_a_transaction(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "write"
        and ast.unparse(node.func.value).rpartition(".")[2].lstrip("_") in ("db", "scratch")
    )


def _is_given_a_database(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and any(
            each.annotation is not None and ast.unparse(each.annotation) in DATABASES
            for each in (*node.args.args, *node.args.kwonlyargs)
        )
    )
