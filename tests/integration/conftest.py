"""What several files of the tests of a worker ask for."""

from tests.support.tls import certificates

__all__ = ["certificates"]
