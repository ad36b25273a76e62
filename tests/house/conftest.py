"""An application without a database behind it: house rules look at what is declared."""

import pytest
from flask import Flask

from portal.app import create_app
from tests.support.databases import settings


@pytest.fixture(scope="session")
def bare_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("house")
    return create_app(settings(folder, f"sqlite:///{folder / 'house.db'}"))
