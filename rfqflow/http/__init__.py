"""HTTP servers of the daemon and the console."""
