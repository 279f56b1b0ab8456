"""Earning rules: list, show, export, apply with a readable difference."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

import click

from loyalty import clock
from loyalty.cli import EXIT_WRONG_USE, actor, open_database
from loyalty.errors import Invalid
from loyalty.flows.manage_rules import apply_rules, compare_rules, export_rules, list_rules, show_rule
from loyalty.rules.find import KeptRevision, KeptRule
from loyalty.rules.revise import Applied
from loyalty.rules.schema import problems
from loyalty.rules.sentence import rule_sentence

MOST_CHARACTERS = 4 * 1024 * 1024


class _Wrong(click.ClickException):
    exit_code = EXIT_WRONG_USE


@click.group()
def rules() -> None:
    """Earning rules: when an activity earns, and how much."""


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@rules.command("list")
@_as_json
def list_them(as_json: bool) -> None:
    """List every rule with its latest revision."""
    now = clock.now()
    with open_database() as database:
        found = list_rules(database)
    if as_json:
        _print_json([_summary(rule, now) for rule in found])
        return
    _print_table(
        ("RULE", "STATE", "REVISION", "CLASS", "ISSUED", "NAME"),
        [
            (
                rule.slug,
                _state(rule, now),
                str(rule.latest.number),
                rule.latest.body["class"],
                f"{rule.points_issued:,}",
                rule.latest.body["name"]["en"],
            )
            for rule in found
        ],
    )


@rules.command()
@click.argument("slug")
@_as_json
def show(slug: str, as_json: bool) -> None:
    """Show a rule and what each of its revisions changed."""
    now = clock.now()
    with open_database() as database:
        rule = show_rule(database, slug)
    if as_json:
        _print_json({**_summary(rule, now), "revisions": [_revision(each) for each in rule.revisions]})
        return
    click.echo(f"{rule.slug}: {_state(rule, now)}, {rule.points_issued:,} points issued")
    click.echo(_sentence(rule.latest))
    for revision in rule.revisions:
        why = f", because: {revision.reason}" if revision.reason else ""
        click.echo(f"\nRevision {revision.number}, in force from {revision.in_force_from.isoformat()}")
        click.echo(f"written {revision.created_at.isoformat()} by {revision.created_by}{why}")
        _print_lines(revision.difference)


@rules.command()
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
def export(file: IO[str]) -> None:
    """Write every rule to FILE, or to standard output, as `apply` reads them."""
    with open_database() as database:
        document = export_rules(database)
    file.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


@rules.command()
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--actor", "name", help="Who does this, for the audit trail; your user name unless said otherwise.")
@click.option("--reason", help="Why, for the audit trail.")
def apply(file: IO[str], yes: bool, name: str | None, reason: str | None) -> None:
    """Compare the rules in FILE (- for standard input) with those there are, ask, then apply all or none.

    Rules that FILE does not name stay as they are. Each change is a new revision, in force from now on. What a network
    forbids is refused, and what it leaves open asks for a --reason.
    """
    document = _read(file)
    with open_database() as database, _problems_by_path():
        planned = compare_rules(database, document)
    changes = [each for each in planned if each.changed]
    for each in changes:
        _print_change(each)
    click.echo(f"{len(changes)} of {len(planned)} rules change.")
    if not changes:
        return
    if not yes and not _somebody_is_there():
        raise click.ClickException("Nothing was applied: there is nobody to ask. Use --yes.")
    if not yes and not click.confirm("Apply?"):
        click.echo("Nothing was applied.")
        return
    # The revisions that were shown are those that are replaced: another edit meanwhile is not overwritten.
    seen = {each.slug: each.previous for each in planned}
    by = f"cli:{name}" if name else actor()
    with open_database() as database:
        apply_rules(database, document, actor=by, reason=reason, expected_revisions=seen, policed=True)
    click.echo("Applied.")


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()


@contextmanager
def _problems_by_path() -> Iterator[None]:
    """What is not valid is told a path a line: a file of rules may have many."""
    try:
        yield
    except Invalid as refusal:
        raise _Wrong("\n  ".join(["These rules are not valid:", *problems(refusal.errors)])) from None


def _read(file: IO[str]) -> Any:
    try:
        text = file.read(MOST_CHARACTERS + 1)
        if len(text) > MOST_CHARACTERS:
            raise _Wrong(f"{file.name} has more than {MOST_CHARACTERS:,} characters.")
        return json.loads(text)
    except RecursionError:
        raise _Wrong(f"{file.name} is nested too deep.") from None
    except ValueError as problem:
        raise _Wrong(f"{file.name} is not JSON: {problem}") from None


def _summary(rule: KeptRule, now: datetime) -> dict[str, Any]:
    in_force = rule.in_force(now)
    return {
        "slug": rule.slug,
        "state": _state(rule, now),
        "revision": rule.latest.number,
        "revision_in_force": in_force and in_force.number,
        "points_issued": rule.points_issued,
        "body": rule.latest.body,
    }


def _revision(revision: KeptRevision) -> dict[str, Any]:
    return {
        "number": revision.number,
        "in_force_from": revision.in_force_from.isoformat(),
        "created_at": revision.created_at.isoformat(),
        "created_by": revision.created_by,
        "reason": revision.reason,
        "difference": revision.difference,
        "body": revision.body,
    }


def _state(rule: KeptRule, now: datetime) -> str:
    if rule.latest.in_force_from > now:
        return "planned"
    return "in force" if rule.latest.body["enabled"] else "paused"


def _sentence(revision: KeptRevision) -> str:
    try:
        return rule_sentence(revision.body, "en")
    except Invalid:
        return "It can no longer be read: it names a condition that is no more."


def _print_change(applied: Applied) -> None:
    click.echo(f"{applied.slug}: new rule" if not applied.previous else f"{applied.slug}: revision {applied.number}")
    _print_lines(applied.difference)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"  {line}")


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    for row in (head, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
