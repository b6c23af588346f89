"""rfqflow enriches requests for quotation with AI; PostgreSQL is the only coordination point."""

__version__ = "0.1.0"
