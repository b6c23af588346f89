"""Drafts a reply that asks the customer for missing data. It sends nothing."""
