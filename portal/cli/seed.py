"""`flask seed demo`: the invented district, once."""

import click
from flask import current_app
from flask.cli import AppGroup

from portal.cli import output
from portal.cli.demo import district, story
from portal.core import clock

seed = AppGroup("seed", help="Load data to look around with.")


@seed.command("demo")
def demo() -> None:
    """Load the invented district with its cast; a second run does nothing."""
    if current_app.config["MODE"] == "service":
        raise click.ClickException("The demo has a printed password: it is for MODE=demo only.")
    if district.is_there() and not story.untold():
        output.result("nothing to do")
        return
    loaded = "the district was there"
    if not district.is_there():
        output.progress("Loading the invented district ...")
        loaded = district.load(clock.now()).line()
    told = story.tell(output.progress)
    output.result(f"seeded {told} problems, {loaded}")
