"""Confirmation before irreversible actions, by an answer on a terminal or by --yes."""

from __future__ import annotations

import sys

import click

from rfqflow.core.errors import ConfigError, RfqflowError


def on_terminal() -> bool:
    """Whether a person can answer a question. False if standard input is closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(what: str, *, yes: bool, question: str = "Go on?") -> None:
    """Prints `what` will happen. Returns only if a person confirms it, or if --yes does.

    Raises:
        ConfigError: --yes is missing, and standard input is not a terminal.
        click.Abort: the person answered no.
    """
    click.echo(what, err=True)
    if yes:
        return
    _need_terminal()
    click.confirm(question, abort=True, err=True)


def confirm_by_name(what: str, name: str, *, yes: bool, of_what: str) -> None:
    """Works as `confirm`, but the person must type the name of the object.

    Raises:
        RfqflowError: the person typed another name.
    """
    click.echo(what, err=True)
    if yes:
        return
    _need_terminal()
    typed = click.prompt(f"This cannot be undone. Type the {of_what}'s name ({name})", err=True)
    if typed.strip() != name:
        raise RfqflowError("the name does not match: nothing was removed.")


def _need_terminal() -> None:
    if not on_terminal():
        raise ConfigError("nothing was done: standard input is not a terminal, so the command cannot ask. Add --yes")
