"""Files that come with an RFQ: the content read from them, and its limits."""
