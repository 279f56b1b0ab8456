"""The repository as its laws see it: every file, and every name a module uses."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def python_files(*folders: str) -> dict[str, Path]:
    """Every Python file under `folders`, by its path from the root."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): path for path in sorted(found)}


def modules() -> dict[str, ast.Module]:
    """Every module of the package, parsed, by its path from the root."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in python_files("loyalty").items()}


def names_used(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every dotted name a module uses or imports (`?` stands for what is not a name), with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield dotted(node), node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call, with the dotted name of what is called."""
    yield from ((dotted(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def dotted(node: ast.AST) -> str:
    """`session.exec` of the node that says so."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"
