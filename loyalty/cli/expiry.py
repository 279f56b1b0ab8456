"""Expiry of points, by hand: the rule, what another one would do, the change, and the sweep."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from typing import Any

import click

from loyalty import clock
from loyalty.cli import actor, open_database
from loyalty.errors import Invalid
from loyalty.flows.change_expiry import apply_expiry, change_expiry
from loyalty.flows.expire import expire_points, what_expires
from loyalty.flows.preview_expiry import Preview, preview_expiry
from loyalty.programme.expiry import FIXED, NEVER_KIND, ROLLING, SLIDING, Policy, document, read, sentence
from loyalty.programme.find import the_programme

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _rule(command: Any) -> Any:
    """The options that say a rule."""
    for option in (
        click.option("--at-least-months", type=int, help="With --fixed: else the points last a year longer."),
        click.option("--fixed", metavar="MM-DD", help="On this day of the year."),
        click.option("--sliding", type=int, metavar="MONTHS", help="So many months after the fan's last gain."),
        click.option("--rolling", type=int, metavar="MONTHS", help="So many months after they were earned."),
        click.option("--never", is_flag=True, help="Points never expire."),
    ):
        command = option(command)
    return command


@click.group()
def expiry() -> None:
    """When points expire: the rule, what another one would do, and the change."""


@expiry.command()
@_as_json
def show(as_json: bool) -> None:
    """Show the rule in force."""
    with open_database() as database:
        policy = database.read(the_programme).expiry
    click.echo(json.dumps(document(policy)) if as_json else sentence(policy, "en"))


@expiry.command()
@_rule
@_as_json
def preview(as_json: bool, **said: Any) -> None:
    """Show what a rule would do to the points there are, every fan counted; nothing changes."""
    policy = _read(**said)
    with open_database() as database:
        found = preview_expiry(database, policy, exactly=True)
    if as_json:
        click.echo(json.dumps({"policy": document(policy), **asdict(found)}, indent=2, default=_iso))
    else:
        _print(policy, found)


@expiry.command()
@_rule
@click.option(
    "--existing", is_flag=True, help="For the points there are too; else only for what is earned from now on."
)
@click.option("--reason", required=True, help="Why, for the audit trail.")
@click.option("--yes", is_flag=True, help="Without asking.")
def change(existing: bool, reason: str, yes: bool, **said: Any) -> None:
    """Change the rule; with --existing it is shown what it does, and asked."""
    policy = _read(**said)
    with open_database() as database:
        if existing:
            _print(policy, preview_expiry(database, policy, exactly=True))
            if not yes and not sys.stdin.isatty():
                raise click.ClickException("Nothing was changed: there is nobody to ask. Use --yes.")
            if not yes and not click.confirm("Apply?"):
                click.echo("Nothing was changed.")
                return
        changed = change_expiry(database, policy, applies=existing, actor=actor(), reason=reason)
        if changed.waits:
            click.echo("It waits for somebody else: see Approvals in the admin.")
        elif changed.applies:
            click.echo(f"Changed; {apply_expiry(database):,} lots have another date.")
        else:
            click.echo("Changed, for what is earned from now on.")


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what is due, and change nothing.")
@_as_json
def expire(dry_run: bool, as_json: bool) -> None:
    """Expire the points that are due, as the worker does every hour."""
    with open_database() as database:
        due = what_expires(database)
        done = None if dry_run else expire_points(database)
    if as_json:
        click.echo(json.dumps({"due": asdict(due), "expired_lots": done, "at": clock.now().isoformat()}))
        return
    click.echo(f"{due.points:,} points in {due.lots:,} lots of {due.fans:,} fans are due.")
    if done is not None:
        click.echo(f"{done:,} lots expired.")


def _read(
    *, never: bool, rolling: int | None, sliding: int | None, fixed: str | None, at_least_months: int | None
) -> Policy:
    said: list[dict[str, Any]] = [{"kind": NEVER_KIND}] if never else []
    said += [
        {"kind": kind, "months": months}
        for kind, months in ((ROLLING, rolling), (SLIDING, sliding))
        if months is not None
    ]
    if fixed is not None:
        month, _, day = fixed.partition("-")
        if not (month.isdecimal() and day.isdecimal()):
            raise click.BadParameter("a month and a day, such as 12-31", param_hint="--fixed")
        more = {} if at_least_months is None else {"at_least_months": at_least_months}
        said.append({"kind": FIXED, "month": int(month), "day": int(day), **more})
    if len(said) != 1:
        raise click.UsageError("Say one rule: --never, --rolling, --sliding or --fixed.")
    if at_least_months is not None and fixed is None:
        raise click.UsageError("--at-least-months goes with --fixed.")
    try:
        return read(said[0])
    except Invalid as refused:
        wrong = "; ".join(f"{field}: {' '.join(each)}" for field, each in refused.errors.items())
        raise click.UsageError(f"That is no rule: {wrong}") from None


def _print(policy: Policy, found: Preview) -> None:
    click.echo(sentence(policy, "en"))
    click.echo(f"{found.points:,} points of {found.fans:,} fans:")
    click.echo(f"  {found.points_sooner:,} of {found.fans_sooner:,} fans would expire sooner,")
    click.echo(f"  {found.points_later:,} of {found.fans_later:,} fans later.")
    click.echo(f"{'MONTH':<8} {'AS IT IS':>24} {'WITH THIS RULE':>24}")
    for month in found.months:
        name = "never" if month.first is None else f"{month.first:%Y-%m}"
        before = f"{month.points_before:,} of {month.fans_before:,} fans"
        click.echo(f"{name:<8} {before:>24} {f'{month.points_after:,} of {month.fans_after:,} fans':>24}")


def _iso(value: Any) -> str:
    assert isinstance(value, date)
    return value.isoformat()
