"""Questions before what cannot be undone: asked on a terminal, else refused; --yes answers them beforehand."""

from __future__ import annotations

import sys

import click

from rfqflow.core.errors import ConfigError, RfqflowError


def on_terminal() -> bool:
    """Whether somebody can be asked; a closed standard input is nobody."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(what: str, *, yes: bool, question: str = "Go on?") -> None:
    """Says what will happen, and goes on only where a person or --yes says so.

    Raises:
        ConfigError: nobody can be asked.
        click.Abort: the answer is no.
    """
    click.echo(what, err=True)
    if yes:
        return
    _need_terminal()
    click.confirm(question, abort=True, err=True)


def confirm_by_name(what: str, name: str, *, yes: bool, of_what: str) -> None:
    """`confirm`, answered with the name of what it is about.

    Raises:
        RfqflowError: another name was typed.
    """
    click.echo(what, err=True)
    if yes:
        return
    _need_terminal()
    typed = click.prompt(f"This can not be undone. Type the {of_what}'s name ({name})", err=True)
    if typed.strip() != name:
        raise RfqflowError("that is another name: nothing was removed.")


def _need_terminal() -> None:
    if not on_terminal():
        raise ConfigError("nothing was done: nobody can be asked, as standard input is no terminal. Add --yes")
