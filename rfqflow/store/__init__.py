"""All calls into `ai.*`. SQL text is only here, in `schema` and in `sql/`."""
