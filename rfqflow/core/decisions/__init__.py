"""Decisions about one RFQ: gates, admission, price, verdict. Pure."""
