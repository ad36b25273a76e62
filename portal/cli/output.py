"""How commands speak: results on stdout, progress and complaints on stderr."""

import click


def result(line: str) -> None:
    """Print the result: the last line of stdout, for scripts."""
    click.echo(line)


def progress(line: str) -> None:
    """Say how it goes."""
    click.echo(line, err=True)


def counts(*, imported: int, updated: int, unchanged: int, refused: int) -> str:
    """Return the result line of an import."""
    return f"imported {imported}, updated {updated}, unchanged {unchanged}, refused {refused}"
