"""What an operator may set, from the environment, checked once at start.

Every setting stands in `CATALOGUE`; the operators' page is generated from it and a test fails
when one is undocumented.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit


class Mode(StrEnum):
    """demo: everything embedded, on this machine. service: for real. test: the suite."""

    DEMO = "demo"
    SERVICE = "service"
    TEST = "test"


class SettingsError(Exception):
    """The environment can't be used; the message says which setting and what to do."""


@dataclass(frozen=True)
class Setting:
    """One line of the operators' table."""

    name: str
    default: str
    meaning: str


CATALOGUE = (
    Setting("MODE", "demo", "demo (embedded, demo cast) or service (real use)."),
    Setting("HOST", "127.0.0.1", "Address the web server binds to."),
    Setting("PORT", "5000", "Port the web server binds to, 1 to 65535."),
    Setting("DATA_DIR", "var", "Folder for photos and, in demo, database, secret and mailbox."),
    Setting(
        "DATABASE_URL",
        "SQLite in DATA_DIR",
        "postgresql://… or sqlite:///… ; service needs PostgreSQL for more than one machine.",
    ),
    Setting("REDIS_URL", "none", "redis://… ; checked. Nothing needs it yet: limits are rows."),
    Setting(
        "PUBLIC_BASE_URL",
        "http://localhost:PORT in demo",
        "Address that people use; every link in a message begins with it. Required in service.",
    ),
    Setting(
        "SECRET_KEY",
        "made once in DATA_DIR in demo",
        "Signs cookies and keys hashes; at least 32 characters. Required in service.",
    ),
    Setting(
        "SMTP_URL",
        "mailbox folder in demo",
        "smtp://user:password@host:port (smtps:// for TLS from the start). Mail waits without it.",
    ),
)

MIN_SECRET_LENGTH = 32
LAST_PORT = 65535
_DATABASE_SCHEMES = {"sqlite", "postgresql", "postgresql+psycopg"}


@dataclass(frozen=True)
class Settings:
    """The checked settings of one process."""

    mode: Mode
    host: str
    port: int
    data_dir: Path
    database_url: str
    redis_url: str | None
    public_base_url: str
    secret_key: str
    smtp_url: str | None

    @property
    def is_demo(self) -> bool:
        """Whether the demo cast, codes on screen and the mailbox page are shown."""
        return self.mode is Mode.DEMO

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def mailbox_dir(self) -> Path:
        """Where demo mail is kept, one file a message."""
        return self.data_dir / "mailbox"


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read and check the environment.

    Raises SettingsError with one line that names the setting and the mend.
    """
    env = os.environ if env is None else env
    mode = _mode(env)
    port = _port(env)
    data_dir = _data_dir(env)
    return Settings(
        mode=mode,
        host=env.get("HOST", "127.0.0.1"),
        port=port,
        data_dir=data_dir,
        database_url=_database_url(env, data_dir),
        redis_url=_redis_url(env),
        public_base_url=_base_url(env, mode, port),
        secret_key=_secret_key(env, mode, data_dir),
        smtp_url=_smtp_url(env),
    )


def _mode(env: Mapping[str, str]) -> Mode:
    try:
        return Mode(env.get("MODE", "demo"))
    except ValueError:
        raise SettingsError(f"MODE is {env['MODE']!r}: set it to demo or service.") from None


def _port(env: Mapping[str, str]) -> int:
    text = env.get("PORT", "5000")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LAST_PORT:
        raise SettingsError(f"PORT is {text!r}: set it to a number from 1 to 65535.")
    return int(text)


def _data_dir(env: Mapping[str, str]) -> Path:
    path = Path(env.get("DATA_DIR") or "var").resolve()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o750)
        probe = path / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR {path} can't be written ({error.strerror}): set DATA_DIR to another folder."
        ) from None
    return path


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'wufang.db'}"
    if urlsplit(url).scheme not in _DATABASE_SCHEMES:
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    return url


def _base_url(env: Mapping[str, str], mode: Mode, port: int) -> str:
    url = env.get("PUBLIC_BASE_URL", "").rstrip("/")
    if not url:
        if mode is Mode.SERVICE:
            raise SettingsError("PUBLIC_BASE_URL is missing: set the address that people use.")
        return f"http://localhost:{port}"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError("PUBLIC_BASE_URL must look like https://portal.example.cn.")
    return url


def _secret_key(env: Mapping[str, str], mode: Mode, data_dir: Path) -> str:
    key = env.get("SECRET_KEY", "")
    if key:
        if len(key) < MIN_SECRET_LENGTH:
            raise SettingsError(
                f"SECRET_KEY is too short: use at least {MIN_SECRET_LENGTH} characters."
            )
        return key
    if mode is Mode.SERVICE:
        raise SettingsError("SECRET_KEY is missing: set a random text of 32 characters or more.")
    path = data_dir / "secret"
    if not path.exists():
        _make_secret(path)
    key = path.read_text().strip()
    if len(key) < MIN_SECRET_LENGTH:
        raise SettingsError(f"{path} holds no usable secret: remove the file, a new one is made.")
    return key


def _make_secret(path: Path) -> None:
    """Make the secret in one step: who starts at the same moment finds a whole one, or none."""
    fresh = path.with_name(f".secret-{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _redis_url(env: Mapping[str, str]) -> str | None:
    url = env.get("REDIS_URL") or None
    if url and urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise SettingsError("REDIS_URL must look like redis://host:6379/0.")
    return url


def _smtp_url(env: Mapping[str, str]) -> str | None:
    url = env.get("SMTP_URL") or None
    if url and (urlsplit(url).scheme not in {"smtp", "smtps"} or not urlsplit(url).hostname):
        raise SettingsError("SMTP_URL must look like smtp://user:password@host:25.")
    return url
