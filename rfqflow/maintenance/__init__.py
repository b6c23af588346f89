"""Keeps the database small: archives, retention and pruning."""
