"""When a worker scans for work, and from which id. Pure."""
