"""What runs in the child process: one module for each kind of file. Nothing here trusts what it reads."""
