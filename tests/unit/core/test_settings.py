"""The environment is checked at start; each fault is one line that says what to do."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.core.settings import CATALOGUE, Mode, Settings, SettingsError, load

KEY = "k" * 32


def test_the_demo_needs_nothing_and_keeps_its_secret(tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path)}
    first, second = load(env), load(env)

    assert first.mode is Mode.DEMO
    assert first.is_demo
    assert first.is_sqlite
    assert first.database_url == f"sqlite:///{tmp_path / 'wufang.db'}"
    assert first.public_base_url == "http://localhost:5000"
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert first.mailbox_dir == tmp_path / "mailbox"


def test_a_secret_that_was_cut_short_is_never_used(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()

    with pytest.raises(SettingsError, match="remove the file"):
        load({"DATA_DIR": str(tmp_path)})


def test_who_starts_at_the_same_moment_shares_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _n: load({"DATA_DIR": str(tmp_path)}).secret_key, range(64)))

    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def service(tmp_path: Path, **env: str) -> Settings:
    base = {
        "MODE": "service", "DATA_DIR": str(tmp_path), "SECRET_KEY": KEY,
        "PUBLIC_BASE_URL": "https://portal.example.cn/",
    }  # fmt: skip
    return load(base | env)


def test_a_service_is_read(tmp_path: Path) -> None:
    found = service(
        tmp_path, DATABASE_URL="postgresql://db/wufang", SMTP_URL="smtps://u:p@mail:465",
        REDIS_URL="redis://cache", HOST="0.0.0.0", PORT="8080",
    )  # fmt: skip

    assert found.public_base_url == "https://portal.example.cn"
    assert found.database_url == "postgresql+psycopg://db/wufang"
    assert (found.host, found.port) == ("0.0.0.0", 8080)
    assert found.smtp_url == "smtps://u:p@mail:465"
    assert found.redis_url == "redis://cache"
    assert not found.is_demo
    assert not found.is_sqlite


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"MODE": "party"}, "MODE is 'party': set it to demo or service."),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PORT": "65536"}, "PORT is '65536'"),
        ({"PORT": "５０００"}, "PORT is"),
        ({"PORT": "http"}, "PORT is 'http'"),
        ({"DATABASE_URL": "mysql://db"}, "DATABASE_URL must begin with"),
        ({"PUBLIC_BASE_URL": ""}, "PUBLIC_BASE_URL is missing"),
        ({"PUBLIC_BASE_URL": "portal.example.cn"}, "PUBLIC_BASE_URL must look like"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"REDIS_URL": "cache.example.cn"}, "REDIS_URL must look like"),
        ({"SMTP_URL": "mail.example.cn"}, "SMTP_URL must look like"),
        ({"SMTP_URL": "smtp://"}, "SMTP_URL must look like"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, env: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        service(tmp_path, **env)

    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match=r"DATA_DIR .* can't be written"):
        load({"DATA_DIR": str(tmp_path / "file" / "inside")})


def test_without_an_environment_the_process_own_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in CATALOGUE:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert os.environ["DATA_DIR"]

    assert load().data_dir == tmp_path
