"""Splits a DSN, in the URI form or the keyword form, into parameters with libpq's names."""

from __future__ import annotations

import os
import re
from configparser import Error as ServiceFileError
from configparser import RawConfigParser
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from rfqflow.core.errors import ConfigError
from rfqflow.database.dsn_parameters import ALIASES, CHOICES, DROPPED, REFUSED, SCHEMES, SECRET, SETTINGS, VALUES

HINT = (
    "In a URL, percent-encode these characters of the user and the password: : @ / ? # [ ] & % and blanks "
    "(@ is %40, # is %23, / is %2F, ? is %3F, % is %25)"
)
FORMS = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or host=... dbname=... user=... password=..."
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEYWORD = re.compile(r"\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?!')(?:[^\s\\]|\\.)*))(?=\s|$)", re.DOTALL)
FILES = ("sslcert", "sslkey", "sslrootcert", "sslcrl")
DRIVERS = (
    *FILES, "sslpassword", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version",
    "krbsrvname", "gsslib",
)  # fmt: skip
_TAKEN = frozenset(
    (*DRIVERS, "host", "hostaddr", "port", "user", "password", "dbname", "passfile", "service", "options",
     "pgbouncer", "connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
     "require_auth", "sslaccept")
)  # fmt: skip


@dataclass(slots=True)
class Words:
    """The parameters of a DSN by libpq's names, with their values as given."""

    values: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    certain: bool = True
    quoted: bool = False

    def take(self, name: str, value: str) -> None:
        """Adds a parameter. Raises ConfigError if it is unknown or has an invalid value."""
        known = name.lower()
        known = ALIASES.get(known, known)
        if known in SECRET:
            self.secrets.append(value)
        if not value:
            return
        if "\0" in value:
            raise ConfigError(f"the DSN holds a NUL character. {HINT}")
        known, value = VALUES.get((known, value.lower()), (known, value))
        if known in CHOICES:
            value = next((choice for choice in CHOICES[known] if choice.lower() == value.lower()), "")
            if not value:
                raise ConfigError(f"the DSN's {known} must be one of {', '.join(CHOICES[known])}")
        if known in DROPPED:
            self.dropped.append(known)
        elif known in REFUSED:
            raise ConfigError(f"the DSN's parameter {known} is not supported: {REFUSED[known]}")
        elif known in SETTINGS or known in CHOICES or known in _TAKEN:
            self.values[known] = value
        else:
            # Show the name only if it cannot be a piece of a secret: the rest of a password with a blank, or the start
            # of a text that is not a DSN.
            certain = self.certain and self.values and not self.secrets
            shown = f"parameter {name[:40]}, which" if certain else "a parameter that"
            raise ConfigError(f"the DSN has {shown} rfqflow does not know: leave it out. {HINT}")


def words_of(text: str) -> Words:
    """Splits the text. Raises ConfigError if the text is ambiguous or is not a DSN."""
    text = text.strip()
    if text[:1] in "\"'" and text[-1:] == text[:1]:  # env files of Docker keep the quotes
        text = text[1:-1].strip()
    if any(ord(letter) < ord(" ") or ord(letter) == 0x7F for letter in text):  # noqa: PLR2004 - DEL
        raise ConfigError(f"the DSN holds a line break or another control character. {HINT}")
    text = re.sub(r"^jdbc:", "", text, flags=re.IGNORECASE)
    scheme, there, rest = text.partition("://")
    if there and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        if not re.fullmatch(SCHEMES, scheme, re.IGNORECASE):
            raise ConfigError(f"the DSN's scheme is not one of PostgreSQL: give {FORMS}")
        words = _of_url(rest)
    elif "=" in text:
        words = _of_keywords(text)
    else:
        raise ConfigError(f"this is not a DSN: give {FORMS}. {HINT}")
    return _with_service(words)


# -- the two forms -----------------------------------------------------------------------------------------------------


def _of_url(rest: str) -> Words:
    if "#" in rest:
        raise ConfigError(f"the DSN holds a # that is not percent-encoded. {HINT}")
    if _PERCENT.search(rest):
        raise ConfigError(f"the DSN holds a % that two hexadecimal digits do not follow. {HINT}")
    authority = re.match(r"[^/?]*", rest)[0]  # type: ignore[index] # the pattern always matches
    path, _, query = rest[len(authority) :].partition("?")
    login, at, hosts = authority.rpartition("@")
    # The DSN has a second @, so the first one may belong to the password.
    if "@" in login or "@" in path or (not at and "@" in query):
        raise ConfigError(f"the DSN is ambiguous: rfqflow cannot separate user, password and host. {HINT}")
    words = Words(certain="@" not in query)
    user, colon, password = login.partition(":")
    if colon:
        words.take("password", unquote(password))
        words.quoted = bool(re.search(r"[^A-Za-z0-9._~!$&'()*+,;=%:-]", password))
    if user:
        words.take("user", unquote(user))
    words.secrets = [secret for secret in words.secrets if secret]
    beyond, words.secrets = words.secrets, []
    _hosts_of_url(words, hosts)
    if path[1:]:
        words.take("dbname", unquote(path[1:]))
    _of_query(words, query)
    words.secrets += beyond
    return words


def _hosts_of_url(words: Words, text: str) -> None:
    names, ports = [], []
    for host in text.split(",") if text else ():
        found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+(?:%25[\w.]+)?\]|[^:\[\]]*)(?::([0-9]{0,5}))?", host)
        if not found:
            raise ConfigError(f"the DSN has something else where HOST:PORT belongs. {HINT}")
        name = unquote(found[1].strip("[]"))
        names.append(name)
        ports.append(found[2] or "")
    if any(names):
        words.take("host", ",".join(names))
    if any(ports):
        words.take("port", ",".join(ports))


def _of_query(words: Words, query: str) -> None:
    hosts: list[str] = []
    for pair in filter(None, query.split("&")):
        name, equals, value = pair.partition("=")
        name, value = unquote(name), unquote(value.replace("+", " ") if "password" not in name.lower() else value)
        if not equals or not _NAME.fullmatch(name):
            raise ConfigError(f"after its ?, the DSN has a part that is not of the form name=value. {HINT}")
        if name.lower() == "host":
            hosts.append(value)
        else:
            words.take(name, value)
    if hosts:
        if "host" in words.values:
            raise ConfigError(f"the DSN names its host before and after the ?. {HINT}")
        _hosts_of_query(words, hosts)


def _hosts_of_query(words: Words, hosts: list[str]) -> None:
    """Takes the hosts of a query. `host` may occur several times, each time with a port."""
    names, ports = [], []
    for host in ",".join(hosts).split(","):
        found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^:/\[\]]+))(?::([0-9]{1,5}))", host)
        names.append(found[1] or found[2] if found else host.strip("[]"))
        ports.append(found[3] if found else "")
    words.take("host", ",".join(names))
    if any(ports):
        words.values.setdefault("port", ",".join(ports))


def _of_keywords(text: str) -> Words:
    words, at = Words(), 0
    while at < len(text):
        found = _KEYWORD.match(text, at)
        if not found or not _NAME.fullmatch(found[1]):
            raise ConfigError(
                f"this is not a DSN: give {FORMS}. In the keyword form, quote a value with blanks: password='a b'. "
                rf"In a quoted value, write \' and \\ for ' and \. {HINT}"
            )
        name, value = found[1], found[2] if found[2] is not None else found[3]
        words.take(name, re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL))
        at = found.end()
        at += len(text[at:]) - len(text[at:].lstrip())
    return words


def _with_service(words: Words) -> Words:
    """Adds the parameters of the service file. Parameters of the DSN override them."""
    service = words.values.pop("service", None) or os.environ.get("PGSERVICE")
    if not service:
        return words
    given = os.environ.get("PGSERVICEFILE")
    system = Path(os.environ.get("PGSYSCONFDIR", "/etc/postgresql-common")) / "pg_service.conf"
    for path in (Path(given) if given else Path.home() / ".pg_service.conf", system):
        file = RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=False)
        try:
            file.read(path, "utf-8")
        except (ServiceFileError, OSError, UnicodeDecodeError):
            raise ConfigError("the service file of PostgreSQL cannot be read: check PGSERVICEFILE") from None
        if file.has_section(service):
            beneath = Words(certain=words.certain)
            for name, value in file.items(service):
                beneath.take(name, value)
            words.values = {**beneath.values, **words.values}
            words.secrets += beneath.secrets
            words.dropped += beneath.dropped
            return words
    raise ConfigError("no service file has the DSN's service: check PGSERVICEFILE and ~/.pg_service.conf")
