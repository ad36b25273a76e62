"""The scenario of the permissions table stands."""

from tests.support.scenario import build


def test_there_is_a_matter_in_every_stage(world) -> None:
    made = build(world)

    assert all(made.refs.values()), made.refs
    assert len(made.refs) > 25
