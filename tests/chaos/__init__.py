"""Faults, load and a checker that proves that nothing is lost: `python -m tests.chaos --tier push --seed 1`."""
