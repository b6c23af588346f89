"""rfqflow enriches requests for quotation with AI; PostgreSQL is the only coordination point."""

import sys

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # noqa: UP036 - from a copy of the project it starts with any; one sentence, not a traceback
    sys.exit("rfqflow needs Python 3.11 or later; this is {}.{}".format(*sys.version_info[:2]))
