"""When a worker scans the queue, and from which id. Pure."""
