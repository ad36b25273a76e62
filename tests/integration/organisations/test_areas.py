"""A second seat widens nobody's view."""

from datetime import timedelta

from portal.core.db import db
from portal.core.uow import transaction
from portal.organisations import queries, services
from portal.organisations.states import Role
from portal.problems import policies
from portal.problems import queries as problem_queries
from portal.problems.models import Problem
from tests.factories import problems
from tests.factories.world import World
from tests.support.moment import Clock


def test_an_officer_of_a_unit_in_a_community_has_no_area_there(world: World, travel: Clock) -> None:
    elsewhere = problems.make(world, "accepted", community="槐荫里", release=False)
    zhou = world.person("zhou")  # works for the community of 朝阳里
    unit = world.unit("huaiyinli-committee")
    with transaction():
        services.appoint(zhou, unit, Role.OFFICER, now=travel.now - timedelta(days=1))
    actor = queries.actor_of(zhou, "周芳", travel.now)

    assert not policies.of_community(actor, elsewhere)
    seen = db.session.query(Problem).where(problem_queries.staff_scope(actor)).all()
    assert elsewhere not in seen
