"""The full set of measurements, peers included: `python -m tests.bench --part peers --rounds 7 --json peers.json`."""
