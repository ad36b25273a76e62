"""`flask seed demo`: the invented district, once."""

from flask.cli import AppGroup

from portal.cli import output
from portal.cli.demo import district, story
from portal.core import clock

seed = AppGroup("seed", help="Load data to look around with.")


@seed.command("demo")
def demo() -> None:
    """Load the invented district with its cast; a second run does nothing."""
    if district.is_there() and not story.untold():
        output.result("nothing to do")
        return
    loaded = "the district was there"
    if not district.is_there():
        output.progress("Loading the invented district ...")
        loaded = district.load(clock.now()).line()
    told = story.tell(output.progress)
    output.result(f"seeded {told} problems, {loaded}")
