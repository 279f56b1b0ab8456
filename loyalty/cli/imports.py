"""Import activities from a CSV file: try it, then do it."""

from __future__ import annotations

import sys
from datetime import tzinfo
from pathlib import Path

import click

from loyalty.cli import actor, open_database
from loyalty.cli.progress import ProgressLine
from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.flows.import_file import Fate, import_file, rehearse_file
from loyalty.i18n import LANGUAGES, Words
from loyalty.intake.csv_columns import FIELDS, REQUIRED, Choices
from loyalty.intake.csv_file import CsvFile, open_csv
from loyalty.intake.errors_file import ErrorsFile
from loyalty.intake.imports import Counts
from loyalty.intake.problems import BadColumns
from loyalty.programme.find import the_programme
from loyalty.rules.evaluate import REDEEMABLE, STATUS_ONLY
from loyalty.rules.speech import gain
from loyalty.rules.words import explain_outcome

EXIT_SOME_BAD = 3
_ON_RECORD = Words(fr="Elle est déjà enregistrée.", en="It is on record already.")
_COLUMNS = (
    f"Columns: {', '.join(FIELDS)}; needed are {', '.join(REQUIRED)}. They are the fields of an activity in the API; "
    "an empty cell says nothing. Without an id, the same actor doing the same kind to the same object is the same act "
    "for ever."
)


def _pairs(_context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for each in given:
        # The name of a column and the value of a constant may hold "="; the name of a field never does.
        left, equals, right = each.rpartition("=") if parameter.name == "mapped" else each.partition("=")
        if not (left and equals and right):
            raise click.BadParameter(f"{each!r} is not {parameter.metavar}.")
        if left in pairs:
            raise click.BadParameter(f"{left!r} is given twice.")
        pairs[left] = right
    return pairs


def _separator(_context: click.Context, _parameter: click.Parameter, given: str | None) -> str | None:
    if given is None or given == "tab":
        return given and "\t"
    if len(given) != 1 or not given.isprintable() or given == '"':
        raise click.BadParameter("It must be one character, or the word tab.")
    return given


@click.command("import", epilog=_COLUMNS)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--commit", is_flag=True, help="Do it; without this, nothing is written.")
@click.option("--map", "mapped", metavar="COLUMN=FIELD", multiple=True, callback=_pairs, help="A column's meaning.")
@click.option("--set", "constants", metavar="FIELD=VALUE", multiple=True, callback=_pairs, help="The same in all rows.")
@click.option("--ignore", "ignored", metavar="COLUMN", multiple=True, help="A column that is not to be read.")
@click.option("--scope", default="import", show_default=True, help="Who numbers the ids: scope and id are the act.")
@click.option("--time-zone", metavar="NAME", help="What dates without a zone mean, such as Europe/Paris.")
@click.option(
    "--separator", metavar="CHARACTER", callback=_separator, help="Between cells; by default as in the header."
)
@click.option("--show", "shown", type=click.IntRange(0), default=20, show_default=True, help="Rows that a trial shows.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Where bad rows go.")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    envvar="LOYALTY_LANGUAGE",
    show_envvar=True,
    help="In which it is said what is wrong with a row.",
)
@click.option("--from-start", is_flag=True, help="With --commit: read all rows again, also those that are in.")
def import_command(
    file: Path,
    commit: bool,
    mapped: dict[str, str],
    constants: dict[str, str],
    ignored: tuple[str, ...],
    scope: str,
    time_zone: str | None,
    separator: str | None,
    shown: int,
    errors: Path | None,
    language: str,
    from_start: bool,
) -> None:
    """Import activities from FILE, a CSV file with a header: UTF-8, or UTF-16 with its mark.

    Without --commit it is a trial. It says what each of the first rows would do and what would become of all of them,
    judged one after the other by the rules as they stand, and writes nothing but a scratch file (about 70 MB for
    100,000 rows, in TMPDIR).

    With --commit it is done. An import that was killed goes on where it stopped. What is in is never done twice,
    whichever file says it again. Bad rows go to a file beside FILE (stats.csv: stats.errors.csv), which can be
    corrected and imported itself.

    Exit status: 0 when all rows are in, 3 when all but the bad ones are, 2 when the command or the file is wrong.
    """
    choices = Choices(
        mapped=mapped, constants=constants, ignored=ignored, scope=scope, time_zone=time_zone, separator=separator
    )
    source = _open(file, choices, language)
    path = errors or file.with_suffix(".errors.csv")
    if path.exists() and path.samefile(file):
        raise click.BadParameter("They cannot go into the file they come from.", param_hint="--errors")
    try:
        with open_database() as database:
            if commit:
                counts = _do(database, source, path, language=language, from_start=from_start)
            else:
                counts = _try(database, source, shown, language=language)
    except OSError as problem:  # a full disk, a folder that is not there: what is in is in
        raise click.ClickException(str(problem)) from None
    if counts.bad:
        sys.exit(EXIT_SOME_BAD)


def _open(path: Path, choices: Choices, language: str) -> CsvFile:
    try:
        return open_csv(path, choices)
    except BadColumns as problem:
        told = [f"{path.name} cannot be imported so.", *problem.lines(language)]
        raise click.UsageError("\n  ".join(told)) from None
    except Refused as problem:
        raise click.UsageError(problem.say(language)) from None
    except OSError as problem:
        raise click.UsageError(f"{path} cannot be read: {problem.strerror}.") from None


def _try(database: Database, source: CsvFile, shown: int, *, language: str) -> Counts:
    zone = database.read(the_programme).zone
    counts, lines, later = Counts(), 0, list[str]()
    with ProgressLine("rows") as line:
        for rehearsed in rehearse_file(database, source):
            counts = rehearsed.counts
            for fate in rehearsed.fates:
                if lines < shown:
                    lines += 1
                    click.echo(_row(fate, zone, language))
                elif fate.problem is not None and len(later) < shown:
                    later.append(_row(fate, zone, language))
            if lines == shown:
                line.report(counts.rows, rehearsed.place.offset / source.text.size)
    if later:
        click.echo("\n".join(["...", *later]))
    _total(counts)
    click.echo("This was a trial, and nothing was written: add --commit to do it.")
    return counts


def _do(database: Database, source: CsvFile, path: Path, *, language: str, from_start: bool) -> Counts:
    errors = ErrorsFile(path, header=source.columns.kept, separator=source.separator)
    steps = import_file(database, source, errors, actor=actor(), language=language, from_start=from_start)
    progress = next(steps)
    if progress.finished_at is not None:
        click.echo(f"Nothing to do: {source.name} came in on {progress.finished_at:%Y-%m-%d at %H:%M} UTC.")
    elif progress.counts.rows:
        click.echo(f"Going on after row {progress.place.number:,}.", err=True)
    size = source.text.size
    with ProgressLine("rows", began=(progress.counts.rows, progress.place.offset / size)) as line:
        for progress in steps:
            line.report(progress.counts.rows, progress.place.offset / size)
    _total(progress.counts)
    if progress.counts.bad:
        click.echo(f"The bad rows are in {path}: correct them there and import that file.")
    return progress.counts


def _row(fate: Fate, zone: tzinfo, language: str) -> str:
    what, why = _told(fate, zone, language)
    return f"row {fate.row.number:<8,} {what:<10} {why}"


def _told(fate: Fate, zone: tzinfo, language: str) -> tuple[str, str]:
    outcome = fate.outcome
    if fate.problem is not None or outcome is None:
        return "bad", fate.problem.say(language) if fate.problem else ""
    if outcome.status == "duplicate":
        return "duplicate", _ON_RECORD.say(language)
    if outcome.outcome == "awarded":
        given = [verdict for verdict in outcome.verdicts if verdict["points"]]
        return "award", ", ".join(f"{gain(each['points'], each['class'], language)} ({each['rule']})" for each in given)
    why = explain_outcome(outcome.reason or "", outcome.verdicts, language, time_zone=zone)
    return outcome.outcome or "", why


def _total(counts: Counts) -> None:
    gains = {REDEEMABLE: counts.points, STATUS_ONLY: counts.status_points}
    told = [gain(points, points_class, "en") for points_class, points in gains.items() if points]
    ends = [
        (counts.awarded, f"awarded: {' and '.join(told)}"),
        (counts.refused, "earned nothing"),
        (counts.measured, "counted, for no points"),
        (counts.withdrawn, "withdrawn before they came"),
        (counts.duplicates, "duplicates of what is on record"),
        (counts.bad, "bad"),
    ]
    click.echo(f"{counts.rows:,} rows:")
    for count, end in ends:
        if count:
            click.echo(f"{count:>12,} {end}")
