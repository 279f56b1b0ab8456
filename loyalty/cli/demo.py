"""`loyalty demo`: a believable station to look at, made on the first start, served at once on the next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from loyalty import clock
from loyalty import settings as read
from loyalty.cli import open_database
from loyalty.cli.progress import ProgressLine
from loyalty.cli.serving import refuse_taken, serve_forever
from loyalty.db import Database
from loyalty.flows.verify import INVARIANTS, verify_and_keep
from loyalty.intake.seal import Sealer
from loyalty.seed import DAYS, FANS, SEED, Progress, seed
from loyalty.seed.database import prepare
from loyalty.seed.passes import Passes, partner_link, passes
from loyalty.settings import Settings

FOLDER = Path("var")
_WORKER_SECONDS = 15  # how long the worker may take to finish what it is at


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--fans", default=FANS, show_default=True, type=click.IntRange(10, 100_000), help="On the first start.")
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(2, 730), help="On the first start.")
@click.option(
    "--seed", "number", default=SEED, show_default=True, help="Another one, another story. On the first start."
)
@click.option("--no-serve", is_flag=True, help="Only make the data, and say how to get in.")
def demo(host: str, port: int, fans: int, days: int, number: int, no_serve: bool) -> None:
    """Serve a demonstration: a radio, its fans and their last ninety days.

    Its data and its secrets are made in ./var on the first start; delete that folder to begin again. Another database
    is used if LOYALTY_DATABASE_URL names one, which must be empty.
    """
    if not no_serve:
        refuse_taken(host, port)
    read.prepare_local(FOLDER, public_url=_public_url(host, port))
    settings = read.load()

    def tell(db: Database) -> None:
        click.echo(f"Making Radio Lumière: {fans:,} fans, {days} days. This happens once.")
        with ProgressLine("acts") as line:

            def progress(at: Progress) -> None:
                line.report(at.acts, at.day / at.days)

            seed(db, settings, now=clock.now(), fans=fans, days=days, seed=number, progress=progress)
        _prove(db)
        passes(db, _sealer(settings), FOLDER / "demo.json")

    prepare(settings.database_url, tell)
    with open_database(settings) as db:
        given = passes(db, _sealer(settings), FOLDER / "demo.json")
        _welcome(settings, given, phone=partner_link(db, settings.public_url))
    if not no_serve:
        refuse_taken(host, port)
        _serve(settings, host, port)


def _public_url(host: str, port: int) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - every address of this machine: name one that a browser can open
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _prove(db: Database) -> None:
    proof = verify_and_keep(db)
    if proof.holds:
        click.echo(f"  The books hold: {len(INVARIANTS)} invariants, {proof.entries:,} entries.")
    else:
        click.echo("  The books do NOT hold: `loyalty verify` says where.", err=True)


def _serve(settings: Settings, host: str, port: int) -> None:
    """Serve, with the worker beside; both stop together."""
    worker = subprocess.Popen([sys.executable, "-c", "from loyalty.cli import main; main()", "worker"])
    try:
        serve_forever(settings, host=host, port=port)
    finally:
        worker.terminate()
        try:
            worker.wait(_WORKER_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()


def _welcome(settings: Settings, given: Passes, *, phone: str) -> None:
    at = settings.public_url
    click.echo(
        f"""
Radio Lumière      {at}
Its API            {at}/api/v1/docs   to read and to try
{_mailbox(settings)}
The admin          {at}/admin/
  Odile, who runs the station   {given.admin_email}   password {given.admin_password}
                                her app’s code is on {at}/dev/mailbox
A partner’s phone  {phone}
                   opened within 15 minutes, once: it then scans for the Café Lumière

Who gets in how (kept in {FOLDER}/demo.json):
  Odile’s own programs          API key, every scope    {given.odile}
  A dashboard                   API key, read only      {given.reader}
  Café Lumière, a partner       a device's credential   {given.cafe}
  Inès, a fan                   fan number              {given.ines}
  Marc, another fan             fan number              {given.marc}
  A sender of webhooks          {given.hook_path}
                                signs with              {given.hook_secret}

To paste into another terminal: is it well, what does Inès have, and an act of hers that earns.
  curl {at}/healthz
  curl -H 'Authorization: Bearer {given.reader}' {at}/api/v1/fans/{given.ines}/balance
  curl -H 'Authorization: Bearer {given.odile}' -H 'Content-Type: application/json' \\
    -d '{{"network": "station", "actor": "{given.ines}", "kind": "quiz_answer", "quantity": 8,
         "object": "quiz:'$(date +%s)'"}}' {at}/api/v1/activities
"""
    )


def _mailbox(settings: Settings) -> str:
    if settings.mail_url:
        return ""
    return (
        f"Its e-mails        {settings.public_url}/dev/mailbox   where codes to sign in arrive\n"
        "Sign in as Inès    ines@example.org\n"
    )


def _sealer(settings: Settings) -> Sealer:
    return Sealer(settings.secret_key, settings.secret_key_fallbacks)
