"""Parses a DSN in any common form, and never shows a secret that it contains.

It accepts libpq's URI and keyword forms, with the additions of Neon, Supabase, Prisma, SQLAlchemy, Django, Rails, Go
and JDBC. rfqflow refuses an ambiguous DSN, such as one with a raw `@` in the password. A wrong guess would print a
piece of the password as the host.
"""

from __future__ import annotations

import os
import random
import re
import ssl
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from rfqflow.core.errors import ConfigError
from rfqflow.database.dsn_parameters import SETTINGS
from rfqflow.database.dsn_parsing import DRIVERS, FILES, HINT, words_of
from rfqflow.sockets import COUNT, IDLE_SECONDS, INTERVAL_SECONDS, UNANSWERED_SECONDS

_LONGEST_CONNECT_SECONDS = 15.0
_PORT = 65535
_LONGEST_KEEPALIVE_SECONDS, _MOST_KEEPALIVES = 32_767, 127  # Linux accepts no larger values
_PIECE = 4  # characters; a shorter piece of a secret reveals too little to matter
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?")
_IP6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?")


_DATABASE = re.compile(r"[\w.$-]*")
_NAME = re.compile(r"[^.:/]+")  # a word that may be the name of a user or a host


@dataclass(frozen=True, slots=True)
class Host:
    """One server. None: PGHOST and PGPORT apply, or the driver's defaults."""

    name: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        if self.name is None:
            return "the default host"
        name = f"[{self.name}]" if ":" in self.name else self.name
        return f"{name}:{self.port or 5432}"


@dataclass(frozen=True, slots=True)
class Keepalive:
    """Seconds until rfqflow gives up a peer that does not answer."""

    on: bool = True
    idle: int = IDLE_SECONDS
    interval: int = INTERVAL_SECONDS
    count: int = COUNT
    user_timeout: float = UNANSWERED_SECONDS


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed DSN. Its repr holds no secret."""

    hosts: tuple[Host, ...]
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    database: str | None
    tls: dict[str, str] = field(repr=False)  # by libpq's names
    server_settings: dict[str, str] = field(repr=False)
    session: str | None = None  # target_session_attrs
    connect_seconds: float | None = None
    keepalive: Keepalive = Keepalive()
    pooled: bool = False
    passfile: str | None = field(default=None, repr=False)
    shuffled: bool = False
    dropped: tuple[str, ...] = ()
    quoted: bool = False  # whether the password has characters that a URL must percent-encode
    certain: bool = True  # False: any part may be a piece of the password, so messages show no part
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def order(self) -> list[Host]:
        """The hosts, in the order in which rfqflow tries them."""
        return random.sample(self.hosts, len(self.hosts)) if self.shuffled else list(self.hosts)

    def where(self, host: Host) -> str:
        """The host and the database for a message. If either may be a piece of the password: `the server`."""
        text = f"{host}/{self.database}" if self.database else str(host)
        # In USER:PASSWORD without a host, the user is where a host belongs, and the password is where a port belongs.
        is_host = self.user is not None or not _NAME.fullmatch(host.name or "") or host.name == "localhost"
        # If a password begins with @ or /, its rest is where a database belongs, and the parsed password is empty.
        is_database = self.password != "" and _DATABASE.fullmatch(self.database or "")
        return text if is_host and is_database and self.certain and self.harmless(text) else "the server"

    def harmless(self, text: str) -> bool:
        """Whether the text contains no piece of a secret."""
        return not any(
            secret[at : at + _PIECE].casefold() in text.casefold()
            for secret in self.secrets
            for at in range(max(len(secret) - _PIECE + 1, 1))
            if secret
        )

    def beside(self, database: str) -> str:
        """A DSN of another database on the same server. It contains the password."""
        return _written(replace(self, database=database))

    def tls_for_driver(self) -> str | ssl.SSLContext | None:
        """The value of `sslmode`, or a TLS context that trusts the system's certificate authorities."""
        if self.tls.get("sslrootcert") != "system":
            return self.tls.get("sslmode")
        context = ssl.create_default_context()
        if "sslcert" in self.tls:
            context.load_cert_chain(
                self.tls["sslcert"], self.tls.get("sslkey"), password=self.tls.get("sslpassword", "")
            )
        return context

    def dsn_for_driver(self) -> str:
        """A DSN with the parameters that the driver takes only from a DSN: certificate files, and how TLS starts."""
        rest = {name: value for name, value in self.tls.items() if name in DRIVERS}
        if self.tls.get("sslrootcert") == "system":
            rest = {
                name: value for name, value in rest.items() if not name.startswith("ssl") or name == "sslnegotiation"
            }
        return f"postgresql://?{urlencode(rest)}" if rest else ""


def _written(target: Target) -> str:
    """The DSN in the keyword form, where every value can be quoted."""

    def quoted(value: object) -> str:
        return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"

    alive = target.keepalive
    words: dict[str, object] = {
        **target.tls,
        **target.server_settings,
        "host": ",".join(host.name or "" for host in target.hosts),
        "port": ",".join(str(host.port or "") for host in target.hosts),
        "user": target.user,
        "password": target.password,
        "dbname": target.database,
        "passfile": target.passfile,
        "target_session_attrs": target.session,
        "connect_timeout": target.connect_seconds and round(target.connect_seconds),
        "load_balance_hosts": "random" if target.shuffled else None,
        "pgbouncer": "true" if target.pooled else None,
        "keepalives": int(alive.on),
        "keepalives_idle": alive.idle,
        "keepalives_interval": alive.interval,
        "keepalives_count": alive.count,
        "tcp_user_timeout": round(alive.user_timeout * 1000),
    }
    return " ".join(f"{name}={quoted(value)}" for name, value in words.items() if value not in (None, "", ","))


# Parameters whose values are checked, but that have no effect.
_IGNORED = ("gssencmode", "channel_binding", "sslcertmode")


def parse(text: str) -> Target:
    """Parses a DSN.

    Raises:
        ConfigError: the text is not a DSN, or rfqflow does not support a part of it. The message shows no value.
    """
    words = words_of(text)
    values = words.values
    tls = {name: values[name] for name in ("sslmode", *DRIVERS) if name in values}
    _check_tls(tls, values)
    settings = {name: values[name] for name in SETTINGS if name in values}
    if "options" in values:
        settings["options"] = values["options"]
    seconds = _number(values, "connect_timeout")
    return Target(
        hosts=_hosts(values, tls),
        user=values.get("user"), password=values.get("password"), database=values.get("dbname"),
        tls=tls, server_settings=settings, session=values.get("target_session_attrs"),
        connect_seconds=min(max(seconds, 1.0), _LONGEST_CONNECT_SECONDS) if seconds > 0 else None,
        keepalive=_keepalive(values), pooled=values.get("pgbouncer", "false").lower() in ("true", "1", "on"),
        passfile=values.get("passfile"), shuffled=values.get("load_balance_hosts") == "random",
        dropped=tuple(dict.fromkeys([*words.dropped, *(name for name in _IGNORED if name in values)])),
        quoted=words.quoted, certain=words.certain,
        secrets=tuple(filter(None, words.secrets)),
    )  # fmt: skip


def _check_tls(tls: dict[str, str], values: dict[str, str]) -> None:
    if "sslaccept" in values:
        tls.setdefault("sslrootcert", "system")
        tls["sslmode"] = "verify-full"
    if tls.get("sslrootcert") == "system":  # as in libpq
        tls["sslmode"] = "verify-full"
    for name in FILES:
        if name in tls and tls[name] != "system" and not os.access(tls[name], os.R_OK):
            raise ConfigError(f"the DSN's {name} names a file that does not exist or cannot be read")
    if "require_auth" in values and tls.get("sslmode") not in ("verify-full", "verify-ca"):
        raise ConfigError(
            "the DSN's require_auth is safe only with sslmode=verify-full: set that too, or leave out require_auth"
        )


def _number(values: dict[str, str], name: str) -> int:
    """The value as a number. 0: the DSN does not set it, or sets it to the system's default."""
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", values.get(name, "0")):
        raise ConfigError(f"the DSN's {name} must be a number")
    return max(int(float(values.get(name, "0"))), 0)


def _keepalive(values: dict[str, str]) -> Keepalive:
    own = Keepalive()
    return Keepalive(
        on=values.get("keepalives", "1") == "1",
        idle=min(_number(values, "keepalives_idle") or own.idle, _LONGEST_KEEPALIVE_SECONDS),
        interval=min(_number(values, "keepalives_interval") or own.interval, _LONGEST_KEEPALIVE_SECONDS),
        count=min(_number(values, "keepalives_count") or own.count, _MOST_KEEPALIVES),
        user_timeout=_number(values, "tcp_user_timeout") / 1000 or own.user_timeout,
    )


def _hosts(values: dict[str, str], tls: dict[str, str]) -> tuple[Host, ...]:
    names = values.get("host", "").split(",")
    if "hostaddr" in values and ("host" not in values or tls.get("sslmode") != "verify-full"):
        names = values["hostaddr"].split(",")  # with verify-full, the certificate must contain this name
    ports = values.get("port", "").split(",")
    if len(ports) == 1:
        ports *= len(names)
    if len(ports) != len(names):
        raise ConfigError("the DSN must have one port for all hosts, or one port for each host")
    if not all(re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) <= _PORT for port in ports if port):
        raise ConfigError(f"the DSN's port must be a number from 1 to {_PORT}. {HINT}")
    if not all(name.startswith("/") or _HOST.fullmatch(name) or _IP6.fullmatch(name) for name in names if name):
        raise ConfigError(f"a host is missing in the DSN. {HINT}")
    return tuple(Host(name or None, int(port) if port else None) for name, port in zip(names, ports, strict=True))
