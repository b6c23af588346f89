"""The full set of measurements, with the peers: `python -m tests.bench --part peers --rounds 7 --json peers.json`."""
