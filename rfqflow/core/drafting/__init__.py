"""Drafts a reply that asks the customer for missing data. rfqflow does not send it."""
