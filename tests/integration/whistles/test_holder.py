"""A problem in hand always has a holder, also when departments were called before anybody."""

from datetime import UTC, datetime

from portal.core.uow import transaction
from portal.problems import queries as problem_queries
from portal.problems.states import ProblemState
from portal.whistles import queries, services
from tests.factories import calls


def test_the_street_holds_what_nobody_held_when_it_blew(world):
    matter = calls.problem(world)
    assert problem_queries.live_assignment(matter.id) is None
    whistle = calls.make(world, "emergency", matter)
    held = problem_queries.live_assignment(matter.id)
    assert held is not None
    assert held.holder.code == "wanghu-office"
    with transaction():
        services.cancel(
            queries.lock(whistle.id),
            reason="误报",
            actor=world.actor("he"),
            now=datetime.now(UTC),
        )
    assert problem_queries.lock(matter.id).state is ProblemState.HANDLING
    assert problem_queries.live_assignment(matter.id) is not None
