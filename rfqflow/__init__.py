"""rfqflow enriches requests for quotation with AI. Its workers coordinate through PostgreSQL alone."""

import sys

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # noqa: UP036 - a checkout of the project starts with any version of Python: print a sentence instead of a traceback
    sys.exit("rfqflow needs Python 3.11 or later; this is {}.{}".format(*sys.version_info[:2]))
