"""Decisions about one RFQ: gates, admission, price, and verdict. Pure."""
