"""`flask mail …`: mails of which nobody knows whether they arrived; a person decides."""

import click
from flask.cli import AppGroup

from portal.core import clock
from portal.core.uow import transaction
from portal.notifications import queries, services

mail = AppGroup("mail", help="Mails whose hand-over was cut.")


@mail.command("uncertain")
def uncertain() -> None:
    """List them: number, matter, when."""
    found = queries.uncertain()
    for row in found:
        click.echo(f"{row.id}\t{row.matter}\t{row.created_at:%Y-%m-%d %H:%M}Z\t{row.error}")
    click.echo(f"{len(found)} uncertain")


@mail.command("resend")
@click.argument("number", type=int)
def resend(number: int) -> None:
    """Send mail NUMBER again, knowing that it may have arrived before."""
    with transaction():
        done = services.resend(number, actor_id=None, now=clock.now())
    if not done:
        raise click.ClickException(f"Mail {number} is not uncertain.")
    click.echo(f"mail {number} queued")
