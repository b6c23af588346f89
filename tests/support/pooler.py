"""A transaction pooler."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time

import psycopg
import pytest


@contextlib.contextmanager
def pgbouncer(dsn: str, folder):
    """Runs a transaction pooler before the server that the DSN names; yields the pooler's DSN."""
    program = shutil.which("pgbouncer") or ("/usr/sbin/pgbouncer" if shutil.which("/usr/sbin/pgbouncer") else None)
    if program is None:
        pytest.skip("pgbouncer is not installed")
    folder.mkdir()
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "users.txt").write_text(f'"{parts["user"]}" "{parts["password"]}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n{parts['dbname']} = host={parts['host']} port={parts['port']}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = plain\nauth_file = {folder}/users.txt\n"
        f"pool_mode = transaction\nunix_socket_dir =\nlogfile = {folder}/log\npidfile = {folder}/pid\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    folder.chmod(0o777)  # started by root, it runs as another user, who writes his log and pid file here
    process = subprocess.Popen(
        [program, "-q", *(["-u", "nobody"] if __import__("os").geteuid() == 0 else []), str(folder / "pgbouncer.ini")]
    )
    try:
        by = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < by
        yield f"postgresql://{parts['user']}:{parts['password']}@127.0.0.1:{port}/{parts['dbname']}"
    finally:
        process.terminate()
        process.wait(10)
