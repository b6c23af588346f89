"""Builds prompts and reads answers. Pure."""
