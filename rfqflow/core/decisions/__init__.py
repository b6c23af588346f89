"""What is to be done with one RFQ: gates, admission, price, verdict. Pure."""
