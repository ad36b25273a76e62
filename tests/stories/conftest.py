"""A story is told by people who use links and forms, and by the clock and the worker."""

import pytest

from tests.stories.teller import Story


@pytest.fixture
def story(app, world, travel) -> Story:
    """The street on a Wednesday morning."""
    return Story(app, world, travel)
