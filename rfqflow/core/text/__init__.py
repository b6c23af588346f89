"""Reads texts, numbers and addresses as people write them. Pure."""
