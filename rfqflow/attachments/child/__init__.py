"""The code of the child process, with one module for each kind of file. No module trusts its input."""
