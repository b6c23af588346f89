"""Measures and compares the quality of answers. Pure."""
