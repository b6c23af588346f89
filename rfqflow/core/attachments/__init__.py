"""Files that come with an RFQ: what is read of them, and within which limits."""
