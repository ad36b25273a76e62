"""`flask accounts …`: the first accounts, a lost password, a locked door."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from portal.accounts import services
from portal.accounts.models import Account, Person
from portal.core import clock
from portal.core.db import db
from portal.core.uow import transaction

LEAST = 12

accounts = AppGroup("accounts", help="Accounts of staff.")


@accounts.command("create")
@click.argument("login")
@click.argument("public_name")
@click.password_option()
def create(login: str, public_name: str, password: str) -> None:
    """Open an account that signs in with LOGIN and a password."""
    hashed = _hashed(password)
    with transaction():
        if _find(login) is not None:
            raise click.ClickException(f"{login} is taken.")
        now = clock.now()
        person = Person(public_name=public_name, created_at=now)
        db.session.add(person)
        db.session.flush()
        account = services.open_account(person, now=now, actor_id=None, login=login.lower())
        services.set_password(account, hashed, actor_id=None, now=now)
    click.echo(f"created {login.lower()}")


@accounts.command("set-password")
@click.argument("login")
@click.password_option()
def set_password(login: str, password: str) -> None:
    """Give LOGIN a new password; all its sessions end."""
    hashed = _hashed(password)
    with transaction():
        services.set_password(_get(login), hashed, actor_id=None, now=clock.now())
    click.echo(f"password of {login.lower()} set")


@accounts.command("unlock")
@click.argument("login")
def unlock(login: str) -> None:
    """Let LOGIN try again at once."""
    with transaction():
        services.unlock(_get(login), now=clock.now())
    click.echo(f"unlocked {login.lower()}")


@accounts.command("disable")
@click.argument("login")
def disable(login: str) -> None:
    """Close LOGIN's account; all its sessions end."""
    with transaction():
        services.close_account(_get(login), actor_id=None, now=clock.now())
    click.echo(f"disabled {login.lower()}")


def _hashed(password: str) -> str:
    if len(password) < LEAST:
        raise click.ClickException(f"Take a password of {LEAST} characters or more.")
    return services.hash_password(password)


def _find(login: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.login == login.lower()))


def _get(login: str) -> Account:
    account = _find(login)
    if account is None:
        raise click.ClickException(f"There is no account {login}.")
    return account
