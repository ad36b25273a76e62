"""What whistles do when something happens to their problems."""

from portal.core.bus import Bus
from portal.problems.events import ProblemClosed, ProblemPublished
from portal.whistles import services


def subscribe(bus: Bus) -> None:
    """Listen to problems."""
    bus.subscribe(ProblemPublished, on_published)
    bus.subscribe(ProblemClosed, on_closed)


def on_published(event: ProblemPublished) -> None:
    """A problem became public: so do its whistles that are not quiet."""
    services.release_with_problem(event.problem_id, now=event.at)


def on_closed(event: ProblemClosed) -> None:
    """A problem was closed after its rating: its whistle counts as rated."""
    services.rate(event.problem_id, now=event.at)
