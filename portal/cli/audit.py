"""`flask audit …`: seal what waits and walk the chain."""

from pathlib import Path

import click
from flask.cli import AppGroup

from portal.audit import services
from portal.cli import output
from portal.core import clock

audit = AppGroup("audit", help="The ledger of acts.")


@audit.command("verify")
@click.option(
    "--anchor",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of earlier heads, kept elsewhere: finds a cut tail.",
)
def verify(anchor: Path | None) -> None:
    """Recompute the whole chain; the exit code is 1 when a link does not hold."""
    if anchor is not None and not anchor.exists():
        raise click.ClickException(f"There is no file {anchor}: `flask audit anchor` writes one.")
    verdict = services.verify(anchor)
    if verdict.fault:
        output.result(f"links {verdict.links}, head {verdict.head}, FAULT: {verdict.fault}")
        raise SystemExit(1)
    output.result(f"links {verdict.links}, head {verdict.head}, intact")


@audit.command("anchor")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def anchor(file: Path) -> None:
    """Seal, then append the chain's head to FILE, which is best kept on another machine."""
    while services.seal():
        pass
    services.write_anchor(file, clock.now())
    output.result(f"anchored in {file}")
