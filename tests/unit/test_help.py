"""--help: every command has a summary that is not cut, and an example that works. Shell completion knows the command."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click
import pytest
from click.shell_completion import get_completion_class
from click.testing import CliRunner

from rfqflow.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = 80
SECTIONS = ("Everyday:", "Operate:", "Quality:", "Set up:")


def tree() -> list[tuple[tuple[str, ...], click.Command]]:
    def walk(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found
                yield from walk((*path, name), found)

    return list(walk((), main))


ALL = tree()
GROUPS = [(path, command) for path, command in ALL if isinstance(command, click.Group)]


def shown(*words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--help"], env={"COLUMNS": str(COLUMNS)}, prog_name="rfqflow")
    assert done.exit_code == 0, done.output
    return done.output


def examples(command: click.Command) -> list[str]:
    return [line.strip() for line in (command.epilog or "").splitlines() if line.strip().startswith("rfqflow")]


@pytest.mark.parametrize(("path", "group"), GROUPS, ids=[" ".join(path) or "rfqflow" for path, _ in GROUPS])
def test_the_summary_of_each_command_is_whole_at_80_columns(path, group):
    text = shown(*path)
    assert max(map(len, text.splitlines())) <= COLUMNS
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        whole = command.get_short_help_str(1000)
        lines = [line.split(maxsplit=1) for line in text.splitlines()]
        assert [name, whole] in lines, f"{name}: {whole}"


def test_commands_are_grouped_by_purpose_and_none_is_left_out():
    text = shown()
    assert [line for line in text.splitlines() if line in SECTIONS] == list(SECTIONS)
    listed = text[text.index(SECTIONS[0]) : text.index("Example")].splitlines()
    names = sorted(line.split()[0] for line in listed if line.startswith("  ") and line.strip())
    assert names == main.list_commands(click.Context(main))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) or "rfqflow" for path, _ in ALL])
def test_each_command_has_an_example_that_works(path, command, tmp_path: Path, monkeypatch):
    found = examples(command)
    assert found, f"rfqflow {' '.join(path)} has no example: @example of cli/options.py"
    monkeypatch.chdir(tmp_path)
    for line in found:
        assert line in shown(*path)
        words = shlex.split(line)[1:]
        assert tuple(words[: len(path)]) == path
        for word in words:
            if word.endswith("/"):
                (tmp_path / word).mkdir()
            elif "." in word and "=" not in word and "/" not in word and "@" not in word:
                (tmp_path / word).touch()
        parsed(words)


def parsed(words: list[str]) -> None:
    """Parses as click does; raises click's error."""
    command: click.Command = main
    context = click.Context(main, info_name="rfqflow")
    while isinstance(command, click.Group) and words and (found := command.get_command(context, words[0])):
        command, context, words = found, click.Context(found, info_name=words[0], parent=context), words[1:]
    with command.make_context(context.info_name, list(words), parent=context.parent):
        pass


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_has_commands_subcommands_options_and_choices(shell):
    script = CliRunner().invoke(main, [], env={"_RFQFLOW_COMPLETE": f"{shell}_source"}, prog_name="rfqflow")
    assert "_RFQFLOW_COMPLETE" in script.output
    completion = get_completion_class(shell)
    assert completion
    complete = completion(main, {}, "rfqflow", "_RFQFLOW_COMPLETE")

    def offered(words: list[str], last: str) -> set[str]:
        return {item.value for item in complete.get_completions(words, last)}

    assert offered([], "st") == {"status"}
    assert offered(["prompt"], "tr") == {"trial", "trials"}
    assert offered(["budget", "set", "global"], "") == {"hour", "day", "month"}
    assert "--force" in offered(["rerun"], "--f")
