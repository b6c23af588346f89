"""Decides whether two RFQs belong together, and what changed between them. The database finds the candidates."""
