"""The parameters of DSNs that libpq and other drivers know, and what rfqflow does with each.

rfqflow refuses an unknown parameter. It also refuses a known parameter that it can neither translate nor safely ignore.
"""

from __future__ import annotations

SCHEMES = (
    r"(?:postgres(?:ql)?|psql|pgsql|postgis|timescale)"
    r"(?:\+(?:psycopg|psycopg2|psycopg_async|psycopg2cffi|asyncpg|pg8000|pgx|aiopg|libpq))?"
)
SECRET = frozenset(("password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret"))

ALIASES = {
    "database": "dbname",
    "db": "dbname",
    "username": "user",
    "pwd": "password",
    "pass": "password",
    "passwd": "password",
    "hostname": "host",
    "ssl_mode": "sslmode",
    "sslrootcertificate": "sslrootcert",
    "connecttimeout": "connect_timeout",
    "logintimeout": "connect_timeout",
    "timeout": "connect_timeout",
    "currentschema": "search_path",
    "schema_search_path": "search_path",
    "targetservertype": "target_session_attrs",
    "loadbalancehosts": "load_balance_hosts",
    "tcpkeepalive": "keepalives",
    "preparethreshold": "prepare_threshold",
}

# By name and value in lower case: the parameter of libpq that means the same.
VALUES = {
    ("ssl", "true"): ("sslmode", "require"),  # a parameter of JDBC, as libpq reads it
    ("ssl", "1"): ("sslmode", "require"),
    ("ssl", "on"): ("sslmode", "require"),
    ("ssl", "false"): ("sslmode", "disable"),
    ("ssl", "0"): ("sslmode", "disable"),
    ("ssl", "off"): ("sslmode", "disable"),
    **{("ssl", one): ("sslmode", one) for one in ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")},
    ("requiressl", "1"): ("sslmode", "require"),
    ("requiressl", "0"): ("sslmode", "prefer"),
    ("sslmode", "no-verify"): ("sslmode", "require"),
    ("sslaccept", "accept_invalid_certs"): ("schema", "dropped"),
    ("keepalives", "true"): ("keepalives", "1"),
    ("keepalives", "false"): ("keepalives", "0"),
    ("load_balance_hosts", "true"): ("load_balance_hosts", "random"),
    ("load_balance_hosts", "false"): ("load_balance_hosts", "disable"),
    ("target_session_attrs", "master"): ("target_session_attrs", "primary"),
    ("target_session_attrs", "secondary"): ("target_session_attrs", "standby"),
    ("target_session_attrs", "prefersecondary"): ("target_session_attrs", "prefer-standby"),
    ("target_session_attrs", "preferprimary"): ("target_session_attrs", "any"),
}

CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "sslnegotiation": ("postgres", "direct"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    "load_balance_hosts": ("disable", "random"),
    "gssencmode": ("disable", "prefer"),
    "channel_binding": ("disable", "prefer", "require"),
    "keepalives": ("0", "1"),
    "ssl_min_protocol_version": ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
    "ssl_max_protocol_version": ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
    "sslaccept": ("strict",),
    "sslcertmode": ("disable", "allow", "require"),
}

# Server parameters that people often set in a DSN.
SETTINGS = (
    "search_path", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout",
    "idle_session_timeout", "transaction_timeout", "timezone", "default_transaction_isolation", "extra_float_digits",
    "role", "work_mem", "jit", "plan_cache_mode", "synchronous_commit",
)  # fmt: skip

# Parameters that have a meaning only for other clients. rfqflow ignores them.
_TO_OTHERS = {
    "libpq": """
        application_name fallback_application_name client_encoding sslcompression sslsni
        gssdelegation sslkeylogfile min_protocol_version max_protocol_version authtype tty
    """,
    "Prisma, Supabase, Neon, Heroku": """
        schema connection_limit pool_timeout socket_timeout sslidentity single_use_connections
        statement_cache_size max_connection_lifetime max_idle_connection_lifetime supa workaround
        pool pool_mode endpoint statusupdates
    """,
    "SQLAlchemy, asyncpg, psycopg": """
        prepared_statement_cache_size prepared_statement_name_func async_fallback command_timeout
        min_size max_size prepare_threshold pool_size max_overflow pool_recycle pool_pre_ping
        server_version max_cached_statement_lifetime max_cacheable_statement_size
    """,
    "Django, Rails": """
        conn_max_age conn_health_checks disable_server_side_cursors atomic_requests encoding charset
        reconnect prepared_statements statement_limit reaping_frequency checkout_timeout
        advisory_locks min_messages idle_timeout
    """,
    "Go, Node": """
        pool_max_conns pool_min_conns pool_max_conn_lifetime pool_max_conn_lifetime_jitter
        pool_max_conn_idle_time pool_health_check_period pool_min_idle_conns default_query_exec_mode
        statement_cache_capacity statement_cache_mode description_cache_capacity
        prefer_simple_protocol binary_parameters disable_prepared_binary_result uselibpqcompat max
        max_lifetime prepare idletimeoutmillis connectiontimeoutmillis
    """,
    "JDBC": """
        applicationname sockettimeout rewritebatchedinserts stringtype binarytransfer readonly
        defaultrowfetchsize assumeminserverversion sslfactory preferquerymode autosave
        allowencodingchanges preparedstatementcachequeries preparedstatementcachesizemib
        canceltimeout escapesyntaxcallmode hostrecheckseconds logunclosedconnections tcpnodelay
        disablecolumnsanitiser adaptivefetch
    """,
}
DROPPED = frozenset(word for words in _TO_OTHERS.values() for word in words.split())

REFUSED = {
    "replication": "it is for replication only. Leave it out",
    "requirepeer": "the driver does not check the server's user. Leave it out, or connect by TLS with verify-full",
    "sslcrldir": "name one file with sslcrl instead",
    "scram_client_key": "give the password instead",
    "scram_server_key": "give the password instead",
    "oauth_issuer": "give a password or a certificate instead",
    "oauth_client_id": "give a password or a certificate instead",
    "oauth_client_secret": "give a password or a certificate instead",
    "oauth_scope": "give a password or a certificate instead",
}
