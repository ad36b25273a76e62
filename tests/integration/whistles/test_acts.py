"""A whistle from the draft to the last department standing down, act by act."""

from portal.core.db import db
from portal.problems.models import Problem
from portal.whistles import queries
from portal.whistles.models import Whistle
from tests.factories import calls as whistles


def test_emergency_runs_its_whole_way(world):
    matter = whistles.problem(world, "emergency")
    whistle = whistles.make(world, "emergency", matter)
    assert whistle.state == "blown"
    assert whistle.released_at is not None
    assert db.session.get_one(Problem, matter.id).state == "whistled"
    first = whistles.go(world, whistles.callout(whistle, "yunhu-gas"), "stood_down")
    assert first.state == "stood_down"
    assert db.session.get_one(Whistle, whistle.id).state == "blown"
    whistles.go(world, whistles.callout(whistle, "wanghu-power"), "stood_down")
    assert db.session.get_one(Whistle, whistle.id).state == "completed"
    assert db.session.get_one(Problem, matter.id).state == "resolved"
    tags = [step.tag for step, _by, _of in queries.steps(whistle.id, inside=True)]
    assert tags[0] == "whistles:whistle:complete"
