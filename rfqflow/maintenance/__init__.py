"""What keeps the database small: archives, retention, pruning."""
