"""RFQs whose items, dates and places stand in files; `python -m tests.corpus.attached` measures what is read of them."""
