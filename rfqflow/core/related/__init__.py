"""Decides whether two RFQs belong together, and names what changed between them. The database finds the candidates."""
