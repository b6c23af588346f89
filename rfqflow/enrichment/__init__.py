"""What happens to one claim, from its gates to the result of its attempt."""
