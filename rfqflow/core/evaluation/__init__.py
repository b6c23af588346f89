"""How good answers are, and what may be concluded from it. Pure."""
