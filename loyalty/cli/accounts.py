"""Close a month of the books, and write the files of whoever keeps them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from loyalty.cli import actor, open_database
from loyalty.flows import extract_journal
from loyalty.flows.close_month import close_month
from loyalty.flows.extract_journal import BALANCE, JOURNAL, Period
from loyalty.ledger import closing
from loyalty.ledger.breakage import expected_points
from loyalty.ledger.months import Month, written
from loyalty.ledger.tables import Closing
from loyalty.ledger.value import euros
from loyalty.programme.find import the_programme
from loyalty.web.admin.tables import lines

_EARLIEST, _LATEST = datetime(1970, 1, 2), datetime(9000, 1, 1)  # noqa: DTZ001 - days of the programme


class _MonthText(click.ParamType[Month]):
    name = "YYYY-MM"

    def convert(self, value: Any, param: Any, ctx: Any) -> Month:
        month = value if isinstance(value, Month) else written(value)
        if month is None:
            self.fail(f"{value!r} is not a month such as 2026-10", param, ctx)
        return month


class _DayText(click.DateTime):
    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: Any, ctx: Any) -> date:  # type: ignore[override]
        at = super().convert(value, param, ctx)
        if not _EARLIEST <= at < _LATEST:
            self.fail(f"{value!r} is out of range", param, ctx)
        return at.date()


@click.command()
@click.argument("month", type=_MonthText())
@click.option("--reason", help="For the audit trail.")
@click.option("--dry-run", is_flag=True, help="Say what the closing would say, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the closing as JSON.")
def close(month: Month, reason: str | None, dry_run: bool, as_json: bool) -> None:
    """Close MONTH, such as 2026-10, for good: months are closed in their order, each once it is over."""
    with open_database() as database:
        made = close_month(database, month, actor=actor(), reason=reason, dry_run=dry_run)
    click.echo(json.dumps(_plain(made), indent=2) if as_json else _told(month, made, dry_run=dry_run))


@click.command()
@click.option("--from", "first", type=_DayText(), required=True, help="The first day, of the programme's zone.")
@click.option("--to", "last", type=_DayText(), required=True, help="The last day, included.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A file, or - to print.")
@click.option("--account", help="Only what debits or credits it.")
@click.option("--balance", is_flag=True, help="One line for each account, instead of one for each leg.")
def journal(first: date, last: date, output: Path, account: str | None, balance: bool) -> None:
    """Write the journal of a period as CSV, as the admin does: one line for each leg, and no name."""
    if last < first:
        raise click.BadParameter("it must not be before --from", param_hint="--to")
    if balance and account:
        raise click.UsageError("--balance is of all accounts: leave --account out.")
    period = Period(first, last)
    with open_database() as database, click.open_file(str(output), "wb", atomic=True) as file:
        zone = database.read(the_programme).zone
        header, rows = (
            (BALANCE, extract_journal.trial_balance(database, period))
            if balance
            else (JOURNAL, extract_journal.journal(database, period, account=account))
        )
        file.writelines(line.encode() for line in lines(header, rows, zone))


def _plain(made: Closing) -> dict[str, Any]:
    said = {name: getattr(made, name) for name in (*closing.CONTENT, "hash")}
    return {
        name: each.astimezone(UTC).isoformat() if isinstance(each, datetime) else each for name, each in said.items()
    }


def _told(month: Month, made: Closing, *, dry_run: bool) -> str:
    said = [f"{month} {'would be closed' if dry_run else 'is closed'}: {made.entries:,} entries."]
    said += [
        f"  {unit:<7} {debit:>8} to {credit:<8} {amount:>14,}" for unit, debit, credit, amount, _ in made.movements
    ]
    said.append(f"{made.outstanding:,} points outstanding at its end.")
    eur = euros(made.outstanding, made.point_value)
    if eur is not None:
        share = made.breakage[1]
        expected = euros(expected_points(made.outstanding, share), made.point_value)
        said.append(
            f"Liability: {eur:,f} euro; {expected:,f} expected, without the {share / 100:g} % never to be spent."
        )
    said.append(f"Hash: {made.hash}")
    return "\n".join(said)
