"""`rfqflow intake`: turns mails into RFQ rows, from a mail server's pipe, files or a Maildir."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from rfqflow.cli import edges
from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncpg import Connection

# Exit codes of sysexits.h. After REFUSED, the mail server returns the mail to its sender. After TRY_AGAIN, it delivers
# the mail again, for days.
REFUSED, TRY_AGAIN = 65, 75
_MEBIBYTE = 1024 * 1024


@example("rfqflow intake < mail.eml", "rfqflow intake --maildir /var/mail/rfq")
@click.command("intake")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@database
@click.option(
    "--maildir",
    type=click.Path(path_type=Path),
    help="Insert each mail of the subfolder new as an RFQ, then move the mail to the subfolder cur.",
)
@click.option(
    "--most-mib",
    type=click.IntRange(1, 500),
    default=50,
    metavar="MIB",
    help="Refuse a larger mail.  [default: 50]",
)
@json_
def intake(
    files: tuple[Path, ...], *, database_url: str | None, maildir: Path | None, most_mib: int, as_json: bool
) -> None:
    """Insert mails as RFQs with their attachments.

    Without FILE and --maildir, or with -, the command reads one mail from standard input. The Message-ID shows whether
    a mail is already in the database; then the command changes nothing. The role needs INSERT on public.rfq_requests
    and public.rfq_attachments.

    Mail servers know the exit codes: 0 inserted or known, 65 too large or empty, 75 try again later.
    """
    try:
        new = _new_in(maildir)
    except OSError as error:
        click.echo(f"rfqflow: --maildir: {maildir} cannot be read: {error.strerror}", err=True)
        sys.exit(TRY_AGAIN)
    sources = [*(files or (() if maildir else (Path("-"),))), *new]
    results: list[dict[str, Any]] = []
    code = _work(database_url, sources, maildir, most_mib * _MEBIBYTE, results) if sources else 0
    if as_json:
        print_json(results)
    else:
        for result in results:
            click.echo(_line(result), err=result["status"] in ("refused", "deferred") or "stays" in result)
    sys.exit(code)


def _work(
    database_url: str | None, sources: list[Path], maildir: Path | None, most: int, results: list[dict[str, Any]]
) -> int:
    """Inserts one mail after another and returns the exit code. After a local error, this is TRY_AGAIN."""
    from rfqflow.cli.sessions import connected

    try:
        connected(database_url, lambda conn: _all(conn, sources, maildir, most, results))
    except Exception as error:  # noqa: BLE001 - after any code but TRY_AGAIN, the mail server returns the mail
        text, _ = edges.ending(error)
        click.echo(f"rfqflow: {text}", err=True)
        return TRY_AGAIN
    kinds = {result["status"] for result in results}
    return (
        TRY_AGAIN
        if "deferred" in kinds or any("stays" in result for result in results)
        else REFUSED
        if "refused" in kinds
        else 0
    )


async def _all(
    conn: Connection, sources: list[Path], maildir: Path | None, most: int, results: list[dict[str, Any]]
) -> None:
    import asyncpg

    from rfqflow.core.received_mail import received_mail
    from rfqflow.store.intake import take_in

    for source in sources:
        result: dict[str, Any] = {"source": "standard input" if str(source) == "-" else str(source)}
        results.append(result)
        try:
            raw = _read(source, most)
        except OSError as error:
            result.update(status="deferred", why=f"the mail cannot be read: {error.strerror}")
            continue
        if not raw.strip() or len(raw) > most:
            why = f"larger than {most // _MEBIBYTE} MiB (--most-mib)" if raw.strip() else "the mail is empty"
            result.update(status="refused", why=why)
            continue
        mail = received_mail(raw)
        try:
            is_new = await take_in(conn, mail)
        except asyncpg.PostgresError as error:
            if conn.is_closed():
                raise
            result.update(status="deferred", why=edges.ending(error)[0])
            continue
        result.update(status="inserted" if is_new else "known", rfq_id=str(mail.rfq_id), attachments=len(mail.files))
        if maildir is not None and source.parent == maildir / "new":
            try:
                _seen(source, maildir)
            except OSError as error:  # the next run finds the mail in the database, and moves the file
                result["stays"] = f"the mail stays in new: {error.strerror}"


def _new_in(maildir: Path | None) -> list[Path]:
    """The files of new mails, oldest first. A file whose name begins with a dot is not a mail."""
    if maildir is None:
        return []
    if not (maildir / "new").is_dir():
        raise click.BadParameter(f"{maildir} has no subfolder new, so it is not a Maildir", param_hint="--maildir")
    return sorted(path for path in (maildir / "new").iterdir() if not path.name.startswith(".") and path.is_file())


def _seen(mail: Path, maildir: Path) -> None:
    (maildir / "cur").mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):  # another process has moved it
        mail.rename(maildir / "cur" / f"{mail.name.partition(':')[0]}:2,S")


def _read(source: Path, most: int) -> bytes:
    with _opened(source) as file:
        return file.read(most + 1)


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[IO[bytes]]:
    if str(source) == "-":
        yield sys.stdin.buffer
        return
    with source.open("rb") as file:
        yield file


def _line(result: dict[str, Any]) -> str:
    if result["status"] in ("refused", "deferred"):
        return f"{result['source']}: {result['status']}: {result['why']}"
    files = result["attachments"]
    known = "is already" if result["status"] == "known" else "is"
    stays = f"; {result['stays']}" if "stays" in result else ""
    return (
        f"{result['source']} {known} RFQ {result['rfq_id']}, with {files} attachment{'' if files == 1 else 's'}{stays}"
    )
