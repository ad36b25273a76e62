"""`flask seed demo`: the invented district, once."""

from flask.cli import AppGroup

from portal.cli import output
from portal.cli.demo import district
from portal.core import clock

seed = AppGroup("seed", help="Load data to look around with.")


@seed.command("demo")
def demo() -> None:
    """Load the invented district with its cast; a second run does nothing."""
    if district.is_there():
        output.result("nothing to do")
        return
    output.progress("Loading the invented district ...")
    loaded = district.load(clock.now())
    output.result(
        f"seeded {loaded.units} units, {loaded.people} people, {loaded.buildings} buildings,"
        f" {loaded.items} duty items"
    )
