"""The queues that rfqflow is compared with, each in its own environment with its best documented settings."""
