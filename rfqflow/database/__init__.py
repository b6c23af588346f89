"""Connections, the schema, the embedded server."""
