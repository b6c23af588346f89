"""Operators and functions that a role may create: each matches our statements better than one of pg_catalog."""

from itertools import product

NUMBERS = ("int2", "int4", "int8", "float4", "float8", "numeric")
SAME = ("text", "uuid", "jsonb", "bytea", "timestamptz", "interval", "bool", "date", "name")
OPERATORS = [
    *((name, left, right) for name in ("+", "-", "*", "/", "%", "^") for left, right in product(NUMBERS, NUMBERS)),
    *((name, one, one) for name in ("=", "<>", "<", ">", "<=", ">=") for one in (*NUMBERS, *SAME)),
    *((name, left, right) for name in ("=", "<", ">", "<=", ">=") for left, right in product(NUMBERS, NUMBERS) if left != right),
    *(("*", one, "interval") for one in NUMBERS), *(("*", "interval", one) for one in NUMBERS),
    ("+", "timestamptz", "interval"), ("-", "timestamptz", "interval"), ("-", "timestamptz", "timestamptz"),
    ("||", "text", "text"), ("||", "jsonb", "jsonb"), ("->", "jsonb", "text"), ("->>", "jsonb", "text"), ("->>", "jsonb", "int4"),
    ("#>>", "jsonb", "_text"), ("?", "jsonb", "text"), ("~", "text", "text"), ("!~", "text", "text"), ("~~", "text", "text"),
]  # fmt: skip
FUNCTIONS = (
    "now()", "clock_timestamp()", "random()", "statement_timestamp()", "gen_random_uuid()", "pg_notification_queue_usage()",
    "lower(text)", "btrim(text)", "trim(text)", "length(text)", "sha256(bytea)", "to_jsonb(text)", "to_jsonb(int8)",
    "current_setting(text)", "current_setting(text, bool)", "set_config(text, text, bool)", "hashtext(text)",
    "pg_try_advisory_xact_lock_shared(int4, int4)", "pg_try_advisory_lock(int4, int4)", "to_regclass(text)", "floor(float8)",
    "jsonb_array_length(jsonb)", "date_trunc(text, timestamptz)", "convert_to(text, name)", "encode(bytea, text)", "concat_ws(text, text)",
    "jsonb_build_object(text, text)", "cardinality(_int8)", "quote_ident(text)", "format(text, text)", "pg_notify(text, text)",
)  # fmt: skip
