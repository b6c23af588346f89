"""When a worker looks for work, and where it begins. Pure."""
