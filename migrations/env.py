"""Run migrations on the application's own engine; models are loaded by the application."""

from alembic import context
from sqlalchemy import text

from portal.core.db import Model, db

config = context.config


def run() -> None:
    """Run the migrations in one transaction each, with short lock waits on PostgreSQL."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.execute(text("SET statement_timeout = '10min'"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
