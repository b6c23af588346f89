"""Code of the child process: one module for each kind of file. None of it trusts its input."""
