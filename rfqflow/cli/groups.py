"""Command groups that import their commands on first use, and handle the errors of all commands."""

from __future__ import annotations

import importlib
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli import edges

if TYPE_CHECKING:
    from collections.abc import Mapping

_INDENT = 6  # columns of a line of --help that hold neither the command's name nor its summary
_NEGATIVE = re.compile(r"-\.?\d\S*|-inf(inity)?", re.IGNORECASE)


class NumbersCommand(click.Command):
    """A command that accepts -1 as a value. click alone would look for an option of that name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.ignore_unknown_options = any(_NEGATIVE.fullmatch(word) for word in args)
        return super().parse_args(ctx, args)


class LazyGroup(click.Group):
    """Imports a command's module on first use: "Lazily Loading Subcommands" in click's documentation.

    --help of the group imports the modules of all commands. So these modules import heavy packages inside functions.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        """`lazy` maps the name of each command to its location, `module:attribute`."""
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy and cmd_name not in self.commands:
            for name in self._lazy:  # click suggests names with a similar spelling
                self._load(name)
        if cmd_name in self._lazy:
            self._load(cmd_name)
        return super().get_command(ctx, cmd_name)

    def _load(self, name: str) -> None:
        if name not in self.commands:
            module, attribute = self._lazy[name].split(":")
            self.add_command(getattr(importlib.import_module(module), attribute), name)


class MainGroup(LazyGroup):
    """The group `rfqflow`. Lists its commands by section, and turns any exception into one line and an exit code."""

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        """`sections` maps the title of each section to its commands, in the order of --help."""
        lazy = {name: where for commands in sections.values() for name, where in commands.items()}
        super().__init__(*args, lazy=lazy, **kwargs)
        self._sections = sections

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(len(name) for commands in self._sections.values() for name in commands)
        for title, commands in self._sections.items():
            with formatter.section(title):
                found = [(name, self.get_command(ctx, name)) for name in commands]
                formatter.write_dl(
                    [
                        (name.ljust(longest), command.get_short_help_str(formatter.width - longest - _INDENT))
                        for name, command in found
                        if command is not None
                    ]
                )

    def main(self, *args: Any, **kwargs: Any) -> Any:
        edges.open_closed_streams()
        try:
            return super().main(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - click's own code can raise too, such as on a full disk
            sys.exit(edges.tell(error))

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise edges.without_secrets(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise edges.without_secrets(error) from None
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - the outermost handler of a command
            ctx.exit(edges.tell(error))
