"""The long-running process: its loop, its slots and the tasks beside them."""
