"""Settings that other software may give a database."""

from __future__ import annotations

SETTINGS = {
    "literals of before 9.1": "standard_conforming_strings = off",
    "no backslash_quote": "backslash_quote = off",
    "read only": "default_transaction_read_only = on",
    "serializable": "default_transaction_isolation = 'serializable'",
    "repeatable read": "default_transaction_isolation = 'repeatable read'",
    "a short timeout": "statement_timeout = '20ms'",
    "a shorter lock timeout": "lock_timeout = '1ms'",
    "German dates": "datestyle = 'German'",
    "SQL dates": "datestyle = 'SQL, DMY'",
    "intervals": "intervalstyle = 'iso_8601'",
    "escaped bytes": "bytea_output = 'escape'",
    "rounded floats": "extra_float_digits = -15",
    "null equals null": "transform_null_equals = on",
    "no nulls in arrays": "array_nulls = off",
    "quoted identifiers": "quote_all_identifiers = on",
    "far away": "timezone = 'Pacific/Kiritimati'",
    "no row security": "row_security = off",
    "a search path of its own": "search_path = nowhere, pg_catalog",
    "XML documents": "xmloption = 'document'",
    "bodies unchecked": "check_function_bodies = off",
    "strict plpgsql": "plpgsql.extra_errors = 'all'",
    "columns first": "plpgsql.variable_conflict = 'use_column'",
}
# Five or six settings at a time: an install takes 0.6 s of CPU, a worker 0.4. The settings of one parameter are
# neighbours above, so that they are in different groups.
SETTING_GROUPS = [list(SETTINGS)[first::4] for first in range(4)]
