"""What the daemon and the console answer over HTTP."""
