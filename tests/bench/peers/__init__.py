"""The queues that rfqflow is measured beside, each in an environment of its own with its best documented settings."""
