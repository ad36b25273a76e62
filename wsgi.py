"""The server's entry: one application, made from the environment."""

from portal.app import create_app

app = create_app()
