"""Files that come with an RFQ: the content that is read from them, and its limits."""
